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
 * **The leader** is whoever holds a 3 s lease on a key in etcd, and only the member that leads etcd
 * reaches for it (`member.ts`). etcd is a Raft group over the members (`etcd.ts`) with a handful of
 * keys (`etcd-state.ts`). When a leader dies, etcd elects (3 to 6 s), its new leader lets the old
 * lease run out (3 s more), and the new leader of PD saves a window before it serves.
 *
 * **Regions** are known from heartbeats (`heartbeat.ts`): the leader keeps what it is told on disk
 * and passes it on to the other members (`region-storage.ts`), so that a successor knows the way.
 */
export { Coordinator } from './coordinator.ts';
export { EtcdStorage } from './etcd.ts';
export type { RegionHeartbeat } from './heartbeat.ts';
export { type MemberContext, PdMember } from './member.ts';
export { RegionStorage } from './region-storage.ts';
export type { PdReply, PdRequest, RegionRoute } from './request.ts';
export { type ScheduleConfig, scheduleConfig } from './schedule-config.ts';
