/**
 * # PD, the placement driver
 *
 * PD owns two things a distributed transaction cannot do without: the one clock that all timestamps
 * come from, and the knowledge of which region lives where.
 *
 * **The clock.** A timestamp is `physical ms × 2^18 + logical`. Only the leader hands them out, and
 * only from a window whose upper end was saved in etcd beforehand (`tso.ts`). A new leader starts
 * above the saved end, so time never repeats, whatever died when. If the leader's wall clock goes
 * back, the physical part stands still and logical values carry on; if it jumps forward, the oracle
 * follows and stays there.
 *
 * **The leader** is whoever holds a 3 s lease in etcd (`member.ts`). When it dies the lease has to
 * run out and etcd, if that member led it too, has to elect: 3 to 10 s without timestamps.
 *
 * Simplified for now: etcd is one durable copy that answers while a majority of members live
 * (`etcd.ts`); regions are one durable table (`cluster/region-table.ts`) and new ones are placed in
 * turn. Heartbeats are accepted and schedule nothing yet.
 */
export { Etcd } from './etcd.ts';
export { type MemberContext, PdMember } from './member.ts';
export { RegionStorage } from './region-storage.ts';
export type { PdReply, PdRequest, RegionRoute } from './request.ts';
