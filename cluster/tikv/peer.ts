import type { Lock } from '../mvcc/records.ts';
import { type Entry, Raft } from '../raft/index.ts';
import { applyCommand } from './apply.ts';
import type { RaftCommand } from './command.ts';
import { commandFits } from './epoch.ts';
import { InMemoryLocks } from './in-memory-locks.ts';
import { Lease } from './lease.ts';
import type { PeerStorage } from './peer-storage.ts';
import { raftConfig } from './raft-config.ts';
import type { RaftStore } from './raft-store.ts';
import type { PeerInfo, RegionError, RegionInfo } from './request.ts';

/** Who waits for a proposal. */
export interface Proposer {
  /** It is in the engine. `released` are the locks that went away with it. */
  applied(released: readonly Lock[]): void;
  /** It was not executed and never will be. */
  refused(error: RegionError): void;
}

interface Proposal {
  readonly index: number;
  readonly term: number;
  readonly proposedUs: number;
  readonly proposer: Proposer;
}

/** A read that waits for proof of leadership. */
interface PendingRead {
  readonly askedUs: number;
  /** Called with nothing when it may be served, else with the reason why not. */
  readonly done: (error?: RegionError) => void;
  /** Entry that must have been applied first; known once a quorum has answered. */
  index: number;
}

/** If nobody else leads by then, locks are kept in memory again (`reactive_memory_lock`). */
const LOCKS_REOPEN_US = 10_000_000;

/** A read that nobody waits for: it is asked for the sake of the lease. */
const NOBODY = (): void => {};

/**
 * A replica of a region on a store, in one incarnation: Raft's machine, the proposals and reads
 * that wait for it, and the lease. Source: TiKV `raftstore::store::peer`.
 */
export class Peer {
  readonly store: RaftStore;
  readonly storage: PeerStorage;
  readonly raft: Raft<RaftCommand>;
  readonly lease = new Lease();
  /** Pessimistic locks of the leader. */
  readonly locks: InMemoryLocks;
  /** Has something for the next poll. */
  due = false;
  destroyed = false;
  /** Is being merged away; see {@link Peer.applyDetached}. */
  detached = false;
  /** Records written since the size was last looked at. */
  writtenRecords = 0;
  /** Records at the last look. */
  approximateRecords = 0;
  /** When the peer last knew a leader. */
  leaderSeenUs: number;
  /** The region that took this one in, as another store told; see `merge.ts`. */
  mergedInto: RegionInfo | undefined = undefined;
  /** The region as a sender described it whom this peer's own list does not name. */
  hearsay: RegionInfo | undefined = undefined;
  /** When somebody last wanted something of this peer. */
  activeUs: number;
  /** Entries that wait until the source of a merge is at hand. */
  stalled: readonly Entry<RaftCommand>[] = [];
  private proposals: Proposal[] = [];
  private readonly reads = new Map<number, PendingRead>();
  private nextRead = 1;
  /** When the leader last heard of each peer. */
  private readonly contacts = new Map<number, number>();
  /** The peer it was told to hand over to. */
  private transferTo = -1;
  private wasLeader = false;

  constructor(store: RaftStore, storage: PeerStorage) {
    this.store = store;
    this.storage = storage;
    this.leaderSeenUs = store.nowUs;
    this.activeUs = store.nowUs;
    this.locks = new InMemoryLocks(store.engine);
    this.raft = new Raft(raftConfig(store, storage.peer), {
      hardState: storage.hardState,
      conf: storage.conf,
      log: storage.log,
      applied: storage.applied,
    });
  }

  get id(): number {
    return this.storage.peer;
  }

  get region(): RegionInfo {
    return this.storage.region;
  }

  get isLeader(): boolean {
    return this.raft.role === 'leader';
  }

  private get isTransferring(): boolean {
    return this.raft.transferee !== 0 && !this.store.bugs.has('raft.leaseSurvivesTransfer');
  }

  /** Node of the leader, if it is known. */
  get leaderStore(): number | undefined {
    return this.peerById(this.raft.leader)?.store;
  }

  /** A peer of the region as it is now. */
  peerById(id: number): PeerInfo | undefined {
    return this.region.peers.find((peer) => peer.id === id);
  }

  /** Node of a peer, by the region's list or else by hearsay. */
  storeOf(id: number): number | undefined {
    const known = this.peerById(id) ?? this.hearsay?.peers.find((peer) => peer.id === id);
    return known?.store;
  }

  /** Why this peer cannot lead anyone's request, if so. */
  leaderError(): RegionError | undefined {
    if (this.isLeader) return undefined;
    this.store.wakeGroup(this);
    return { kind: 'NotLeader', leaderStore: this.leaderStore };
  }

  /**
   * Calls `done` when this peer may serve reads of the present moment: at once while the lease
   * holds, else when a quorum has confirmed its leadership.
   */
  whenReadable(done: (error?: RegionError) => void): void {
    this.activeUs = this.store.nowUs;
    const error = this.leaderError() ?? this.mergingError();
    if (error !== undefined) done(error);
    else if (this.canReadLocally()) {
      const { witness, node, nowUs } = this.store;
      witness.readLocally(this.region, this.raft.term, node);
      witness.read(this.region, this.storage.applied, nowUs);
      if (this.lease.endsSoon(this.store.nowUs) && this.reads.size === 0) this.askQuorum(NOBODY);
      done();
    } else this.askQuorum(done);
  }

  /** Whether the lease alone allows reads now. */
  canReadLocally(): boolean {
    return (
      this.lease.isValid(this.store.nowUs) &&
      this.storage.appliedTerm === this.raft.term &&
      this.storage.merging === undefined
    );
  }

  /**
   * Calls `done` once the entry at `index` is applied here, whoever leads: what the leader had
   * applied when it was asked, which was not before `askedUs`.
   */
  whenApplied(index: number, askedUs: number, done: (error?: RegionError) => void): void {
    if (this.storage.applied >= index) done(this.mergingError());
    else this.reads.set(this.nextRead++, { askedUs, done, index });
  }

  /** Gives a command to Raft; undefined if it is on its way, else why not. */
  propose(command: RaftCommand, proposer: Proposer): RegionError | undefined {
    const error = this.leaderError() ?? this.refusal(command);
    if (error !== undefined) return error;
    const index = this.raft.propose(command, bytesOf(command));
    return this.register(index, proposer);
  }

  /** Notes who waits for the entry just proposed; an index of undefined is Raft's refusal. */
  register(index: number | undefined, proposer: Proposer): RegionError | undefined {
    if (index === undefined) return { kind: 'ServerIsBusy', reason: 'raft refuses proposals' };
    this.activeUs = this.store.nowUs;
    const { term } = this.raft;
    this.proposals.push({ index, term, proposedUs: this.store.nowUs, proposer });
    this.store.notify(this);
    return undefined;
  }

  /** Why a command cannot be proposed to the region as it is. */
  refusal(command: RaftCommand): RegionError | undefined {
    if (command.kind !== 'rollback-merge') {
      const merging = this.mergingError();
      if (merging !== undefined) return merging;
    }
    if (commandFits(command, this.region)) return undefined;
    return this.store.epochNotMatch(this.region);
  }

  /** Hands the leadership over; until that is settled the lease proves nothing. */
  transferLeader(to: number): void {
    if (this.isLeader) this.withLocksProposed(() => this.startTransfer(to));
  }

  /** Writes the locks in memory to the log, and then does what needs them there. */
  withLocksProposed(then: () => void): void {
    const forgets = this.store.bugs.has('txn.inMemLockLostOnTransfer');
    const modifies = forgets ? [] : this.locks.toPropose();
    if (modifies.length === 0) {
      then();
      return;
    }
    this.locks.open = false;
    const reopen = (): void => {
      this.locks.open = true;
    };
    const proposer: Proposer = {
      applied: () => {
        then();
        this.store.process.after(LOCKS_REOPEN_US, reopen);
      },
      refused: reopen,
    };
    const command: RaftCommand = { kind: 'write', epoch: this.region.epoch, modifies };
    if (this.propose(command, proposer) !== undefined) reopen();
  }

  private startTransfer(to: number): void {
    if (!this.isLeader) return;
    this.raft.transferLeader(to);
    this.transferTo = to;
    if (this.isTransferring) this.lease.suspect(this.store.nowUs);
    this.store.notify(this);
  }

  /** A quorum answered: reads up to that question may go on, once they are caught up with. */
  readConfirmed(context: number, index: number): void {
    const read = this.reads.get(context);
    if (read === undefined) return;
    if (!this.isTransferring) this.lease.renew(read.askedUs);
    read.index = index;
    this.serveReads();
  }

  /** Applies committed entries, in order. */
  applyAll(entries: readonly Entry<RaftCommand>[]): void {
    const queue = this.stalled.length === 0 ? entries : [...this.stalled, ...entries];
    this.stalled = [];
    for (let i = 0; i < queue.length; i++) {
      if (this.destroyed) return;
      if (!this.apply(queue[i] as Entry<RaftCommand>)) {
        this.stalled = queue.slice(i);
        return;
      }
    }
    this.serveReads();
  }

  /** Applies entries that came with the merge that ends this peer; Raft does not hear of it. */
  applyDetached(entries: readonly Entry<RaftCommand>[]): void {
    this.detached = true;
    for (const entry of entries) if (entry.index > this.storage.applied) this.apply(entry);
  }

  /**
   * Notes which other peers were heard of of late; asked now and then while the leader is awake.
   */
  noteContacts(): void {
    for (const { id } of this.region.peers) {
      const heard = this.raft.progress(id)?.recentActive === true || !this.contacts.has(id);
      if (heard) this.contacts.set(id, this.store.nowUs);
    }
  }

  /** Peers that the leader has not heard of for so long. */
  silentFor(us: number): number[] {
    const since = this.store.nowUs - us;
    const others = this.region.peers.filter(({ id }) => id !== this.id);
    return others.map(({ id }) => id).filter((id) => (this.contacts.get(id) ?? since) < since);
  }

  /** What happens when this peer has gained or lost the leadership. */
  noteRole(): void {
    const { leader } = this.raft;
    if (leader !== 0) this.leaderSeenUs = this.store.nowUs;
    if (!this.isLeader && leader !== 0) {
      if (leader === this.transferTo) this.store.witness.transferred(this.region);
      this.transferTo = -1;
    }
    if (this.isLeader === this.wasLeader) return;
    this.wasLeader = this.isLeader;
    this.lease.expire();
    this.contacts.clear();
    if (this.isLeader) this.store.becameLeader(this);
    else {
      this.store.lostLeadership(this);
      this.locks.clear();
      this.refuseReads({ kind: 'NotLeader', leaderStore: this.leaderStore });
    }
  }

  /** The peer is gone: whoever waits for it is told. */
  abandon(error: RegionError): void {
    this.destroyed = true;
    this.refuseReads(error);
    const proposals = this.proposals;
    this.proposals = [];
    for (const { proposer } of proposals) proposer.refused(error);
  }

  /** False if the entry has to wait: the source of a merge is not at hand. */
  private apply(entry: Entry<RaftCommand>): boolean {
    const { index, term, payload } = entry;
    const released: Lock[] = [];
    const outcome = applyCommand(this, entry, released);
    if (outcome === 'wait') return false;
    this.storage.applied = index;
    this.storage.appliedTerm = term;
    if (!this.destroyed && !this.detached) this.raft.appliedTo(index);
    const { node, witness } = this.store;
    const done = outcome === 'done' ? payload : undefined;
    witness.applied(this.region, index, term, node, done, this.isLeader);
    this.finish(index, term, outcome === 'done' ? undefined : outcome, released);
    return true;
  }

  private finish(
    index: number,
    term: number,
    error: RegionError | undefined,
    released: readonly Lock[],
  ): void {
    const { proposals } = this;
    let done = 0;
    while (done < proposals.length && (proposals[done] as Proposal).index <= index) done++;
    if (done === 0) return;
    for (const proposal of proposals.splice(0, done)) {
      if (proposal.index !== index || proposal.term !== term) {
        proposal.proposer.refused({ kind: 'StaleCommand' });
        continue;
      }
      if (!this.isTransferring) this.lease.renew(proposal.proposedUs);
      if (error === undefined) proposal.proposer.applied(released);
      else proposal.proposer.refused(error);
    }
  }

  private mergingError(): RegionError | undefined {
    return this.storage.merging === undefined ? undefined : { kind: 'ProposalInMergingMode' };
  }

  private askQuorum(done: (error?: RegionError) => void): void {
    const context = this.nextRead++;
    if (!this.raft.readIndex(context)) {
      done({ kind: 'ReadIndexNotReady' });
      return;
    }
    const index = Number.POSITIVE_INFINITY;
    this.reads.set(context, { askedUs: this.store.nowUs, done, index });
    this.store.notify(this);
  }

  private serveReads(): void {
    for (const [context, read] of this.reads) {
      if (read.index > this.storage.applied) continue;
      this.reads.delete(context);
      const error = this.mergingError();
      if (error === undefined) {
        this.store.witness.read(this.region, this.storage.applied, read.askedUs);
      }
      read.done(error);
    }
  }

  private refuseReads(error: RegionError): void {
    const reads = [...this.reads.values()];
    this.reads.clear();
    for (const { done } of reads) done(error);
  }
}

/** What a change weighs in the log: about a row. */
const MODIFY_BYTES = 100;

function bytesOf(command: RaftCommand): number {
  return command.kind === 'write' ? MODIFY_BYTES * command.modifies.length : MODIFY_BYTES;
}
