import type { RaftBug } from './bugs.ts';
import type { Entry, HardState } from './entry.ts';
import { type ConfState, NO_MEMBERS } from './membership.ts';

/** How one peer of a group behaves. Times are in ticks; the driver says how long a tick is. */
export interface RaftConfig {
  /** Peer id; unique for all time, never 0. A peer that was removed does not come back under it. */
  readonly id: number;
  /**
   * Silence after which a follower suspects its leader, drawn from `[n, 2n)` for each attempt. It
   * is also the lease a follower grants its leader, and how often a leader looks for its quorum.
   */
  readonly electionTicks: number;
  /** Pause between heartbeats. */
  readonly heartbeatTicks: number;
  /** Appends that may be under way to one peer. */
  readonly maxInflight: number;
  /** Weight of entries in one append; an entry heavier than that travels alone. */
  readonly maxBytesPerMessage: number;
  /** Weight of proposals that are not committed yet, above which new ones are refused. */
  readonly maxUncommittedBytes: number;
  /** A uniform integer in `[0, bound)`. */
  readonly random: (bound: number) => number;
  /** Ask whether an election could be won before starting one (thesis §9.6). */
  readonly preVote: boolean;
  /** A leader without a quorum steps down, and peers that hear a leader refuse votes (§6.2). */
  readonly checkQuorum: boolean;
  /**
   * Tell followers of a new commit index at once. Otherwise they learn of it with the next append
   * or heartbeat, which saves half of all messages (TiKV `skip_bcast_commit`). Membership changes
   * are always told at once.
   */
  readonly broadcastCommit: boolean;
  /**
   * Ticks after the start in which votes are refused. Before it went down a peer may have assured a
   * leader of its loyalty for an election timeout, and it cannot remember. 0 for a peer that has
   * just been created.
   */
  readonly voteRefusalTicks: number;
  /** Seeded defects. */
  readonly bugs?: ReadonlySet<RaftBug>;
}

/** TiKV's values, with a tick of a second; `id` and `random` are the driver's to give. */
export const DEFAULT_RAFT_CONFIG: Omit<RaftConfig, 'id' | 'random'> = {
  electionTicks: 10,
  heartbeatTicks: 2,
  maxInflight: 256,
  maxBytesPerMessage: 1 << 20,
  maxUncommittedBytes: Number.POSITIVE_INFINITY,
  preVote: true,
  checkQuorum: true,
  broadcastCommit: false,
  voteRefusalTicks: 0,
};

/** What a peer finds when it starts: on its disk after a crash, or as its creator made it. */
export interface Restored<P> {
  readonly hardState: HardState;
  /** Membership as of `applied`; none for a peer that waits for its first snapshot. */
  readonly conf: ConfState;
  /** A log with members begins behind an index of at least 1, see {@link founded}. */
  readonly log: {
    readonly truncatedIndex: number;
    readonly truncatedTerm: number;
    readonly entries: readonly Entry<P>[];
  };
  /** Last entry whose effects are in the state machine. */
  readonly applied: number;
}

/**
 * A peer of a group that begins to exist with these members. Its log begins behind `index`: nobody
 * who joins later can be brought in by entries alone, for the founders are named in none. (TiKV
 * begins at index 5 of term 5.)
 */
export function founded(conf: ConfState, index = 1, term = 1): Restored<never> {
  return {
    hardState: { term, vote: 0, commit: index },
    conf,
    log: { truncatedIndex: index, truncatedTerm: term, entries: [] },
    applied: index,
  };
}

/** A peer that knows nothing and waits to be told. */
export const EMPTY_RESTORED: Restored<never> = {
  hardState: { term: 0, vote: 0, commit: 0 },
  conf: NO_MEMBERS,
  log: { truncatedIndex: 0, truncatedTerm: 0, entries: [] },
  applied: 0,
};
