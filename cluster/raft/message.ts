import type { Entry } from './entry.ts';
import type { ConfState } from './membership.ts';

/** What a message wants; who sends it is told in {@link RaftMessage}. */
export type MessageKind =
  | 'append'
  | 'append-response'
  | 'heartbeat'
  | 'heartbeat-response'
  | 'pre-vote'
  | 'pre-vote-response'
  | 'vote'
  | 'vote-response'
  | 'snapshot'
  | 'transfer-leader'
  | 'timeout-now'
  | 'read-index'
  | 'read-index-response';

/** The place in the log that a snapshot stands for, and who was a member there. */
export interface SnapshotMeta {
  readonly index: number;
  readonly term: number;
  readonly conf: ConfState;
}

/** A state that replaces the log up to and including `meta.index`. */
export interface Snapshot {
  readonly meta: SnapshotMeta;
  /** The driver's own; handed on by reference. */
  readonly data: unknown;
  /** What it weighs on the wire. */
  readonly bytes: number;
}

/**
 * A message between two peers of a group. All kinds have one shape, so that the machine that reads
 * them stays fast; a field that says nothing to a kind is 0, empty or undefined. Never changed once
 * made: it may be delivered twice.
 *
 * | kind | index | logTerm | commit | context |
 * |---|---|---|---|---|
 * | append | last entry before `entries` | its term | the leader's | – |
 * | append-response | last entry known to agree | – | the sender's | – |
 * | … with `reject` | the `index` refused | term at `hint` | the sender's | – |
 * | heartbeat | – | – | the leader's, up to what the receiver holds | round of reads |
 * | heartbeat-response | – | – | the sender's | that round |
 * | pre-vote, vote | last entry of the log | its term | the sender's | – |
 * | pre-vote-response, vote-response | – | – | with `reject` the sender's | – |
 * | snapshot | – | – | – | – |
 * | transfer-leader (follower to leader) | – | – | – | the peer to lead |
 * | timeout-now (leader to successor) | – | – | – | – |
 * | read-index (follower to leader) | – | – | – | the reader's |
 * | read-index-response | the index to wait for | – | – | the reader's |
 */
export interface RaftMessage<P> {
  readonly kind: MessageKind;
  /** Peer ids. */
  readonly from: number;
  readonly to: number;
  /** Term of the sender; in a pre-vote and its granting that of the election it would hold. */
  readonly term: number;
  readonly index: number;
  readonly logTerm: number;
  readonly commit: number;
  readonly entries: readonly Entry<P>[];
  /** Weight of entries or snapshot. */
  readonly bytes: number;
  /** An answer in the negative. */
  readonly reject: boolean;
  /**
   * With a refused append: the highest index that may still agree. With a request for a vote, or
   * its refusal: the term of the entry at `commit`.
   */
  readonly hint: number;
  readonly context: number;
  /**
   * `transfer`: a vote asked for by order of the leader; `hibernate`: a heartbeat that says good
   * night (its number is `context`); `wake`: an unasked heartbeat-response that ends the night.
   */
  readonly mark: 'none' | 'transfer' | 'hibernate' | 'wake';
  readonly snapshot: Snapshot | undefined;
}

const NO_ENTRIES: readonly never[] = [];

/** A message being written. */
export type Draft<P> = { -readonly [K in keyof RaftMessage<P>]: RaftMessage<P>[K] };

/** A message that says nothing yet but its addresses. All messages are made here. */
export function draft<P>(kind: MessageKind, from: number, to: number, term: number): Draft<P> {
  return {
    kind,
    from,
    to,
    term,
    index: 0,
    logTerm: 0,
    commit: 0,
    entries: NO_ENTRIES,
    bytes: 0,
    reject: false,
    hint: 0,
    context: 0,
    mark: 'none',
    snapshot: undefined,
  };
}
