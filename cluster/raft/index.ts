/**
 * # Raft
 */
export { NO_RAFT_BUGS, RAFT_BUGS, type RaftBug } from './bugs.ts';
export {
  DEFAULT_RAFT_CONFIG,
  EMPTY_RESTORED,
  founded,
  type RaftConfig,
  type Restored,
} from './config.ts';
export type { Entry, HardState } from './entry.ts';
export { RaftLog } from './log.ts';
export {
  type ConfChange,
  type ConfState,
  confOf,
  isJoint,
  isVoter,
  members,
  NO_MEMBERS,
  type PeerChange,
} from './membership.ts';
export type { MessageKind, RaftMessage, Snapshot, SnapshotMeta } from './message.ts';
export { RaftInvariantError, type Role } from './node.ts';
export type { Progress, ProgressState } from './progress.ts';
export { Raft } from './raft.ts';
export type { ReadState } from './read-queue.ts';
export type { Ready, SoftState } from './ready.ts';
