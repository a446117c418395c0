import { applyConfChange, leaveJointIfDue, proposeConfChange } from './conf-change.ts';
import type { RaftConfig, Restored } from './config.ts';
import { campaign, countOwnVote } from './election.ts';
import type { Entry } from './entry.ts';
import { canHibernate, hibernate, wakeGroup } from './hibernation.ts';
import type { RaftLog } from './log.ts';
import type { ConfChange, ConfState } from './membership.ts';
import type { RaftMessage, Snapshot } from './message.ts';
import { broken, progressOf, RaftNode, type Role } from './node.ts';
import type { Progress } from './progress.ts';
import { readIndex } from './reads.ts';
import { type Ready, ReadyCollector } from './ready.ts';
import {
  countSelf,
  propose,
  provideSnapshot,
  snapshotReported,
  unreachable,
} from './replication.ts';
import { step } from './step.ts';
import { tick } from './tick.ts';
import { transferLeader } from './transfer.ts';

/**
 * One peer of a group. It is driven from outside: told of time (`tick`), of messages (`step`) and
 * of clients' wishes, it changes its state at once and says through `ready` what is to be sent,
 * written and applied. `P` is what the driver proposes.
 *
 * Every call may throw `RaftInvariantError`; the peer is then not to be used any more.
 */
export class Raft<P> {
  private readonly node: RaftNode<P>;
  private readonly collector: ReadyCollector<P>;

  constructor(config: RaftConfig, restored: Restored<P>) {
    this.node = new RaftNode(config, restored);
    this.collector = new ReadyCollector(this.node);
  }

  get id(): number {
    return this.node.id;
  }

  get term(): number {
    return this.node.term;
  }

  /** Whom it voted for in its term; 0 is nobody. */
  get vote(): number {
    return this.node.vote;
  }

  get role(): Role {
    return this.node.role;
  }

  /** Leader of its term; 0 while unknown. */
  get leader(): number {
    return this.node.leader;
  }

  /** To whom leadership is being handed over; 0 is nobody. Leases must not be relied on then. */
  get transferee(): number {
    return this.node.transferee;
  }

  get commit(): number {
    return this.node.commit;
  }

  get applied(): number {
    return this.node.applied;
  }

  get lastIndex(): number {
    return this.node.log.lastIndex;
  }

  /** Last index known to be on the own disk. */
  get persistedIndex(): number {
    return this.node.persistence.persisted;
  }

  /** Membership as of the last change applied. */
  get conf(): ConfState {
    return this.node.conf;
  }

  /** The log in memory, to be read only. */
  get log(): Omit<RaftLog<P>, 'push' | 'append' | 'truncateFrom' | 'compact' | 'reset'> {
    return this.node.log;
  }

  /** Whether a leader has committed an entry of its own term, hence knows what is committed. */
  get committedInTerm(): boolean {
    return this.node.log.term(this.node.commit) === this.node.term;
  }

  get hibernated(): boolean {
    return this.node.hibernated;
  }

  /** What a leader knows of a member; undefined on others, and for strangers. */
  progress(id: number): Readonly<Progress> | undefined {
    return progressOf(this.node, id);
  }

  /** One tick passes. Not needed while the peer hibernates. */
  tick(): void {
    tick(this.node);
  }

  /** A message arrives. */
  step(message: RaftMessage<P>): void {
    step(this.node, message);
  }

  /** Stands for election now instead of after a timeout; for a group that has just been made. */
  campaign(): void {
    this.wake(0);
    campaign(this.node, false);
  }

  /**
   * Proposes a command that weighs `bytes`; its index, under which it will be applied unless
   * another leader's entry takes that place: then its term differs. Undefined if this peer does not
   * lead, is handing over, or has too much uncommitted.
   */
  propose(payload: P, bytes: number): number | undefined {
    this.wake(0);
    return propose(this.node, payload, bytes);
  }

  /**
   * Proposes a change of the membership. Undefined also if the last one has not been applied, or if
   * it does not fit the present configuration. `payload` travels with it to whoever applies it.
   */
  proposeConfChange(change: ConfChange, payload?: P): number | undefined {
    this.wake(0);
    return proposeConfChange(this.node, change, payload);
  }

  /** The driver applies a membership change that is among `committed`; the membership after it. */
  applyConfChange(entry: Entry<P>): ConfState {
    return applyConfChange(this.node, entry);
  }

  /**
   * Asks for an index at which a read sees all that was committed before the call. The answer comes
   * as a read state with the same `context`, or never if leadership changes or a message is lost.
   * False if nobody can be asked: no leader, or a leader that has not committed in its term yet.
   */
  readIndex(context: number): boolean {
    this.wake(0);
    return readIndex(this.node, context);
  }

  /** Hands leadership over to a voter; a follower asks its leader to. */
  transferLeader(to: number): void {
    this.wake(0);
    transferLeader(this.node, to);
  }

  /** The driver could not reach a peer. */
  reportUnreachable(id: number): void {
    unreachable(this.node, id);
  }

  /** A snapshot has, or has not, arrived. The driver must tell of one or the other. */
  reportSnapshot(id: number, ok: boolean): void {
    snapshotReported(this.node, id, ok);
  }

  /** Answers `snapshotsWanted`; undefined if none can be made now. */
  provideSnapshot(to: number, snapshot: Snapshot | undefined): void {
    provideSnapshot(this.node, to, snapshot);
  }

  /** Whether `ready` would say anything. */
  hasReady(): boolean {
    return this.collector.hasReady();
  }

  /** Takes over what is to be done. */
  ready(): Ready<P> {
    return this.collector.collect();
  }

  /** The Ready of this number, and all before it, are on disk. */
  persisted(number: number): void {
    const { node } = this;
    const durableTerm = node.persistence.done(number);
    if (node.role === 'leader') countSelf(node, node.persistence.persisted);
    else countOwnVote(node, durableTerm);
  }

  /** Everything up to `index` has been applied, a snapshot included. */
  appliedTo(index: number): void {
    const { node } = this;
    if (index > node.handedToApply || index < node.applied) {
      throw broken(node, `applied ${index}, not within ${node.applied} and ${node.handedToApply}`);
    }
    node.applied = index;
    leaveJointIfDue(node);
  }

  /** Forgets the log up to `index`, which has been applied. */
  compact(index: number): void {
    const { node } = this;
    if (index > node.applied) {
      throw broken(node, `compact to ${index}, applied is ${node.applied}`);
    }
    node.log.compact(index);
  }

  /** Whether a leader's group is at rest. */
  canHibernate(): boolean {
    return canHibernate(this.node);
  }

  /** Puts the group to sleep; false if it is not at rest, or already asleep. */
  hibernate(): boolean {
    return hibernate(this.node);
  }

  /**
   * Wakes this peer and lets its leader know. `sleptTicks` is for how many ticks it was left alone:
   * a follower takes that for silence of its leader. Anything but an answer also wakes.
   */
  wake(sleptTicks: number): void {
    wakeGroup(this.node, sleptTicks);
  }
}
