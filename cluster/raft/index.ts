/**
 * # Raft: one log on several disks
 *
 * A group of peers agrees on a log of commands. Whatever is committed is on the disks of a
 * majority, stays where it is in the log for ever, and is applied by every peer in the same order.
 * TiKV runs one group per region, PD one for its members.
 *
 * ## A machine that is driven
 *
 * `Raft` neither waits, sends, writes nor knows what time it is. Its driver tells it what happened
 * (`step` a message, `tick`, `propose`, `persisted`), it changes its state at once, and `ready`
 * says what is to be done about it:
 *
 * ```
 *            tick, step, propose                      messages ──▶ network
 *   driver ───────────────────────▶  Raft  ──▶ Ready  entries, hard state ──▶ disk ──▶ persisted
 *            persisted, appliedTo                     committed ──▶ state machine ──▶ appliedTo
 * ```
 *
 * The disk is slow, so nobody waits for it: the next Ready may be taken while it still writes the
 * last one. Messages come in two lists. Those that promise something that must outlast a crash (an
 * acknowledged append, a vote, a request for votes) wait until the Ready they came with is on disk.
 * All others leave at once, a leader's appends among them: its own disk and its followers' work at
 * the same time, and it counts its own copy like any other, when it is there (`persistence.ts`).
 *
 * ## The life of a proposal
 *
 * 1. `propose` appends an entry to the leader's log (`replication.ts`).
 * 2. `ready` sends each follower what it lacks, everything since the last Ready in one append,
 *    ahead of its answers (`progress.ts`).
 * 3. A follower compares the entry before, cuts off what disagrees, appends, writes, and answers
 *    (`follower.ts`). If it has something else there it says how far it may agree, and the leader
 *    skips a whole term of disagreement in one attempt.
 * 4. When a majority has it (`quorum.ts`), and it is of the leader's own term, it is committed, and
 *    with it all that stands before it.
 * 5. Followers hear of that with the next message.
 *
 * ## The life of a leader
 *
 * A follower that hears nothing for an election timeout asks whether it would be elected
 * (pre-vote), then stands for election in a new term (`election.ts`). A peer gives one vote per
 * term, and only to a log at least as complete as its own: so each leader has everything committed
 * before. It appends an empty entry; until that is committed it knows what its log holds, but not
 * how much of it is committed, and answers no reads.
 *
 * Followers that hear their leader refuse votes for an election timeout, whatever the term. With
 * that promise a leader that was answered by a majority a moment ago may serve reads from memory
 * for less than that timeout: the lease, which is the driver's, because it is measured with a
 * clock. Without a lease `readIndex` asks a majority, once for all reads that have gathered
 * (`reads.ts`). A leader that hears of no majority for an election timeout steps down
 * (check-quorum).
 *
 * ## Membership
 *
 * One voter more or less is a simple change: any two majorities before and after have a peer in
 * common. To exchange several, the group passes through a joint configuration, in which every
 * decision needs a majority of the old and one of the new voters (`membership.ts`). Changes take
 * effect when they are applied; one at a time (`conf-change.ts`). Learners receive the log and have
 * no voice. Who joins knows nothing and is sent a snapshot: the founders stand in no entry, hence a
 * log with members never begins at index 0.
 *
 * ## Sleep
 *
 * Most regions are idle. A leader whose followers have everything says good night, and nobody ticks
 * any more (`hibernation.ts`).
 *
 * ## What a driver owes
 *
 * - It writes Readys in their order, and tells `persisted` no earlier than they are synced.
 * - It saves what a peer without members votes, too: that peer may be asked again.
 * - It reports the fate of each snapshot (`reportSnapshot`), and answers `snapshotsWanted`.
 * - It gives a peer id out once. A removed peer that returns empty under its old id has forgotten
 *   what it acknowledged.
 * - After a restart it sets `voteRefusalTicks`, if leaders hold leases.
 * - It asks again when a read or a proposal is not heard of any more: both may be lost with a
 *   leader.
 *
 * ## Left out
 *
 * Lease reads without a clock outside (thesis §6.4.1, the driver's business) · witnesses, flexible
 * quorums, election priorities · commit groups of raft-rs · snapshots asked for by followers
 * (`request_snapshot`) · proposals forwarded by followers: TiKV refuses them with `NotLeader`.
 *
 * Sources: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (sections
 * and figures are quoted as §5.4.2, figure 8); Ongaro's thesis; the design of etcd's raft and of
 * raft-rs, whose names are used.
 */
export { RAFT_BUGS, type RaftBug } from './bugs.ts';
export {
  DEFAULT_RAFT_CONFIG,
  EMPTY_RESTORED,
  founded,
  type RaftConfig,
  type Restored,
} from './config.ts';
export { type Entry, type HardState, withinLog } from './entry.ts';
export { RaftInvariantError } from './errors.ts';
export { RaftLog } from './log.ts';
export {
  type ConfChange,
  type ConfState,
  confOf,
  isJoint,
  type PeerChange,
} from './membership.ts';
export type { MessageKind, RaftMessage, Snapshot, SnapshotMeta } from './message.ts';
export type { Role } from './node.ts';
export type { Progress, ProgressState } from './progress.ts';
export { Raft } from './raft.ts';
export type { ReadState } from './read-queue.ts';
export type { Ready, SoftState } from './ready.ts';
