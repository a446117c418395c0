import type { Entry, HardState } from './entry.ts';
import { broadcastHeartbeats } from './heartbeat.ts';
import type { RaftMessage, Snapshot } from './message.ts';
import type { RaftNode, Role } from './node.ts';
import type { ReadState } from './read-queue.ts';
import { beginReadRound } from './reads.ts';
import { hasAppendsDue, sendAppends } from './replication.ts';

/** Who a peer is and whom it follows; lost in a crash. */
export interface SoftState {
  readonly role: Role;
  readonly term: number;
  /** 0 while unknown. */
  readonly leader: number;
}

/**
 * What a peer wants done. The driver, in this order:
 *
 * 1. sends `messages`;
 * 2. begins to write `snapshot`, `entries` and `hardState`, Readys in their order; if `mustSync`,
 *    it calls `persisted(number)` as soon as they are on disk, and sends `persistedMessages` then,
 *    not earlier;
 * 3. applies `snapshot`, then `committed`, one after the other, telling of membership changes by
 *    `applyConfChange`, and of how far it is by `appliedTo`. This need not wait for the disk;
 * 4. serves reads of `readStates` once their index is applied.
 *
 * The next Ready may be taken while the disk is still at work on this one.
 */
export interface Ready<P> {
  /** Counts from 1. */
  readonly number: number;
  /** Role, leader or term, if any of them has changed. */
  readonly softState: SoftState | undefined;
  /** What must be found after a crash, if it has changed. */
  readonly hardState: HardState | undefined;
  /** To be written over whatever stands in the durable log from the first one's index on. */
  readonly entries: readonly Entry<P>[];
  /** To be installed; it takes the place of state machine, log and configuration. */
  readonly snapshot: Snapshot | undefined;
  readonly messages: readonly RaftMessage<P>[];
  readonly persistedMessages: readonly RaftMessage<P>[];
  readonly committed: readonly Entry<P>[];
  readonly readStates: readonly ReadState[];
  /** Peers that need a snapshot: answered by `provideSnapshot`, now or later. */
  readonly snapshotsWanted: readonly number[];
  /** False if nothing waits for the disk; a hard state is then written `withinLog`, unsynced. */
  readonly mustSync: boolean;
}

const NOTHING: readonly never[] = [];

/** Collects what a node wants done, and remembers what has been told already. */
export class ReadyCollector<P> {
  private readonly node: RaftNode<P>;
  private number = 0;
  private role: Role;
  private leader: number;
  private softTerm: number;
  private term: number;
  private vote: number;
  private commit: number;

  constructor(node: RaftNode<P>) {
    this.node = node;
    this.role = node.role;
    this.leader = node.leader;
    this.softTerm = node.term;
    this.term = node.term;
    this.vote = node.vote;
    this.commit = node.commit;
  }

  /** Whether there is anything to collect. */
  hasReady(): boolean {
    const { node } = this;
    return (
      node.messages.length > 0 ||
      node.log.lastIndex > node.persistence.handed ||
      this.applicable() > node.handedToApply ||
      node.persistedMessages.length > 0 ||
      hasAppendsDue(node) ||
      node.reads.isDue ||
      node.readStates.length > 0 ||
      node.snapshot !== undefined ||
      node.snapshotsWanted.length > 0 ||
      this.hardStateChanged() ||
      this.softStateChanged()
    );
  }

  /** Takes everything there is. */
  collect(): Ready<P> {
    const { node } = this;
    if (beginReadRound(node)) broadcastHeartbeats(node);
    if (hasAppendsDue(node)) sendAppends(node);
    const { log, persistence, snapshot } = node;
    const softState = this.takeSoftState();
    const voted = node.term !== this.term || node.vote !== this.vote;
    const hardState = this.takeHardState();
    const entries =
      log.lastIndex > persistence.handed
        ? log.slice(persistence.handed + 1, log.lastIndex, Number.POSITIVE_INFINITY)
        : NOTHING;
    const number = ++this.number;
    const mustSync = this.handToDisk(number, entries.length > 0 || voted || snapshot !== undefined);
    node.snapshot = undefined;
    return {
      number,
      softState,
      hardState,
      entries,
      snapshot,
      messages: node.messages.take(),
      persistedMessages: node.persistedMessages.take(),
      committed: this.takeCommitted(),
      readStates: node.readStates.take(),
      snapshotsWanted: node.snapshotsWanted.take(),
      mustSync,
    };
  }

  /** Promises wait for the disk, unless it has nothing to do. */
  private handToDisk(number: number, writes: boolean): boolean {
    const { node } = this;
    const { persistence, persistedMessages, messages } = node;
    if (!writes && !persistence.isBehind) {
      for (const message of persistedMessages.take()) messages.push(message);
      return false;
    }
    if (!writes && persistedMessages.length === 0) return false;
    persistence.hand(number, node.log.lastIndex, node.term);
    return true;
  }

  /**
   * Up to where entries may be applied: what is committed and on the own disk. Applying what could
   * be lost here would leave a state machine ahead of its log.
   */
  private applicable(): number {
    const { commit, persistence, bugs } = this.node;
    return bugs.has('apply-before-persist') ? commit : Math.min(commit, persistence.persisted);
  }

  private takeCommitted(): readonly Entry<P>[] {
    const { node } = this;
    const from = node.handedToApply + 1;
    const to = this.applicable();
    if (to < from) return NOTHING;
    node.handedToApply = to;
    return node.log.slice(from, to, Number.POSITIVE_INFINITY);
  }

  private softStateChanged(): boolean {
    const { role, leader, term } = this.node;
    return role !== this.role || leader !== this.leader || term !== this.softTerm;
  }

  private takeSoftState(): SoftState | undefined {
    if (!this.softStateChanged()) return undefined;
    const { role, leader, term } = this.node;
    this.role = role;
    this.leader = leader;
    this.softTerm = term;
    return { role, term, leader };
  }

  private hardStateChanged(): boolean {
    const { term, vote, commit, bugs, conf } = this.node;
    if (bugs.has('uninitialised-peer-forgets-vote') && conf.voters.length === 0) return false;
    return term !== this.term || vote !== this.vote || commit !== this.commit;
  }

  private takeHardState(): HardState | undefined {
    if (!this.hardStateChanged()) return undefined;
    const { term, vote, commit } = this.node;
    this.term = term;
    this.vote = vote;
    this.commit = commit;
    return { term, vote, commit };
  }
}
