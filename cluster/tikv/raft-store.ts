import type { Bugs } from '../bugs.ts';
import { type RaftMessage, type Ready, type Snapshot, withinLog } from '../raft/index.ts';
import { type Process, Rng } from '../sim/index.ts';
import type { Engine } from './columns/engine.ts';
import type { RaftCommand } from './command.ts';
import { checkMerge } from './merge.ts';
import { PdWorker } from './pd-worker.ts';
import { Peer } from './peer.ts';
import type { PeerStorage, StoreStorage } from './peer-storage.ts';
import { TICK_US } from './raft-config.ts';
import { collectLogGarbage } from './raft-log-gc.ts';
import type { BatchRaftMessage, GcPeerMessage, RegionMessage } from './raft-message.ts';
import { RegionRouter } from './region-router.ts';
import type { RegionError, RegionInfo } from './request.ts';
import {
  clearRange,
  installSnapshot,
  type RegionSnapshot,
  snapshotBytes,
  takeSnapshot,
} from './snapshot.ts';
import { SplitCheck } from './split-check.ts';
import type { StoreContext } from './store.ts';
import type { Witness } from './witness.ts';

/** How long the raftstore gathers work before it handles it, µs. [M] */
const POLL_US = 20;
/** Ticks between two looks at the log's length. Source: TiKV `raft-log-gc-tick-interval`, 3 s. */
const LOG_GC_TICKS = 3;
/** Ticks between two attempts to bring a merge forward (`merge-check-tick-interval`, 2 s). */
const MERGE_CHECK_TICKS = 2;
/** Ticks between two notes of who was heard of: within an election timeout. */
const CONTACT_TICKS = 5;
/** What a snapshot may take of the wire, bytes per µs (`snap-max-write-bytes-per-sec`). */
const SNAPSHOT_BYTES_PER_US = 100;
/** A group that nobody asked anything for so long may go to sleep. */
const IDLE_US = 3_000_000;

type Outgoing = RegionMessage | GcPeerMessage;

/** Who wants to know which regions this store leads. */
interface Leadership {
  becameLeader(region: number): void;
  lostLeadership(region: number): void;
}

interface PendingWrite {
  readonly peer: Peer;
  readonly ready: Ready<RaftCommand>;
}

/**
 * The raftstore of one incarnation: all peers of a store, one loop and one log on disk for them.
 *
 * A *poll* handles every peer that has something to do: messages go out, entries go to disk, what
 * is committed is applied. While the disk syncs nothing is polled, so all that arrives meanwhile
 * shares the next sync, and messages of many regions share one packet. Source: TiKV
 * `raftstore::store::fsm::store`, the batch system.
 */
export class RaftStore {
  readonly context: StoreContext;
  readonly storage: StoreStorage;
  readonly peers = new Map<number, Peer>();
  readonly pd: PdWorker;
  readonly splitCheck: SplitCheck;
  readonly router: RegionRouter;
  private readonly leadership: Leadership;
  /** False while peers of an earlier incarnation are brought back. */
  started = false;
  private due: Peer[] = [];
  /** A poll is on its way, or running, or will follow the sync that is under way. */
  private busy = false;
  private ticks = 0;
  /** What other stores are to be told, by store. Not a `Map`: a cleared one keeps what it held. */
  private outbox: { readonly to: number; readonly messages: Outgoing[] }[] = [];
  private readonly sleptSince = new Map<Peer, number>();

  constructor(context: StoreContext, leadership: Leadership) {
    this.context = context;
    this.leadership = leadership;
    this.storage = context.storage;
    this.splitCheck = new SplitCheck(this);
    this.pd = new PdWorker(this);
    this.router = new RegionRouter(this);
    for (const storage of this.storage.peers.values()) this.revive(storage);
    this.started = true;
    const phase = new Rng(this.process.world.seed, `raft-tick/${this.node}`).nextInt(TICK_US);
    this.process.after(phase, () => this.tickLater());
  }

  get process(): Process {
    return this.context.process;
  }

  get node(): number {
    return this.context.process.node;
  }

  get nowUs(): number {
    return this.context.process.world.nowUs;
  }

  get bugs(): Bugs {
    return this.context.bugs;
  }

  get engine(): Engine {
    return this.storage.engine;
  }

  get witness(): Witness {
    return this.context.witness;
  }

  /** A peer has something to do: it will be polled. */
  notify(peer: Peer): void {
    if (!peer.due) {
      peer.due = true;
      this.due.push(peer);
    }
    if (!this.busy) this.pollSoon();
  }

  private pollSoon(): void {
    this.busy = true;
    this.process.after(POLL_US, () => this.poll());
  }

  /** Takes a new peer in and starts it. */
  adopt(storage: PeerStorage): Peer {
    const peer = new Peer(this, storage);
    const { id } = storage.region;
    this.storage.peers.set(id, storage);
    this.peers.set(id, peer);
    const vote = this.router.takeEarlyVote(id, peer.id);
    if (vote !== undefined) {
      peer.raft.step(vote);
      this.notify(peer);
    }
    return peer;
  }

  /** Has a peer stand for election now. */
  campaign(peer: Peer): void {
    peer.raft.campaign();
    this.notify(peer);
  }

  /** The peer's region is no longer kept here: nothing of it stays but a tombstone. */
  destroy(peer: Peer, mergedInto: RegionInfo | undefined): void {
    const { region, storage } = peer;
    this.peers.delete(region.id);
    this.storage.peers.delete(region.id);
    this.storage.tombstones.set(region.id, { region, peer: peer.id, mergedInto });
    this.sleptSince.delete(peer);
    if (mergedInto === undefined && storage.initialised) clearRange(this.engine, region);
    peer.abandon({ kind: 'RegionNotFound' });
  }

  /** The answer to a request that means the region as it was. */
  epochNotMatch(region: RegionInfo): RegionError {
    const currentRegions = [region];
    for (const other of this.peers.values()) {
      const touches =
        other.region.endKey === region.startKey || other.region.startKey === region.endKey;
      if (touches && other.storage.initialised && other.region.id !== region.id) {
        currentRegions.push(other.region);
      }
    }
    return { kind: 'EpochNotMatch', currentRegions };
  }

  /** Someone wants something of a group that may be asleep. */
  wakeGroup(peer: Peer): void {
    if (!peer.raft.hibernated) return;
    const since = this.sleptSince.get(peer) ?? this.nowUs;
    this.sleptSince.delete(peer);
    peer.raft.wake(Math.floor((this.nowUs - since) / TICK_US));
    this.notify(peer);
  }

  /** A peer won an election. */
  becameLeader(peer: Peer): void {
    this.witness.elected(peer.region, peer.raft.term, this.node);
    this.leadership.becameLeader(peer.region.id);
    this.pd.reportRegion(peer);
  }

  /** A leader is one no more. */
  lostLeadership(peer: Peer): void {
    this.leadership.lostLeadership(peer.region.id);
  }

  /** A region that this store leads has taken in keys that somebody else may have led. */
  tookOver(peer: Peer): void {
    this.leadership.becameLeader(peer.region.id);
    this.pd.reportRegion(peer);
  }

  /** A merge was agreed to: the first attempt need not wait for a tick. */
  checkMergeSoon(peer: Peer): void {
    this.process.after(POLL_US, () => checkMerge(peer));
  }

  /** Sends a snapshot where it is wanted; it takes its time on the wire. */
  private provideSnapshot(peer: Peer, to: number): void {
    const { storage, raft } = peer;
    const target = peer.peerById(to);
    if (target === undefined || storage.merging !== undefined) {
      raft.provideSnapshot(to, undefined);
      return;
    }
    const data = takeSnapshot(this.engine, peer.region);
    const bytes = snapshotBytes(data);
    const meta = { index: storage.applied, term: storage.appliedTerm, conf: storage.conf };
    const snapshot: Snapshot = { meta, data, bytes };
    this.process.after(Math.ceil(bytes / SNAPSHOT_BYTES_PER_US), () => {
      if (peer.destroyed) return;
      raft.provideSnapshot(to, snapshot);
      this.notify(peer);
    });
  }

  private poll(): void {
    const due = this.due;
    this.due = [];
    const writes: PendingWrite[] = [];
    for (const peer of due) {
      peer.due = false;
      if (!peer.destroyed) this.handleReady(peer, writes);
    }
    this.flush();
    if (writes.length > 0) this.persist(writes);
    else if (this.due.length > 0) this.pollSoon();
    else this.busy = false;
  }

  private handleReady(peer: Peer, writes: PendingWrite[]): void {
    const { raft } = peer;
    if (!raft.hasReady()) return;
    const ready = raft.ready();
    this.sendAll(peer, ready.messages);
    if (ready.softState !== undefined) peer.noteRole();
    for (const to of ready.snapshotsWanted) this.provideSnapshot(peer, to);
    if (ready.mustSync) writes.push({ peer, ready });
    else if (ready.hardState !== undefined) {
      const { storage } = peer;
      storage.hardState = withinLog(ready.hardState, storage.log.lastIndex);
    }
    if (ready.committed.length > 0) peer.applyAll(ready.committed);
    for (const { context, index } of ready.readStates) peer.readConfirmed(context, index);
    if (!peer.destroyed && raft.hasReady()) this.notify(peer);
  }

  private persist(writes: readonly PendingWrite[]): void {
    const { disk, process } = this.context;
    disk.write(
      process,
      () => {
        for (const write of writes) this.writeReady(write);
      },
      () => {
        for (const { peer, ready } of writes) this.written(peer, ready);
        this.poll();
      },
    );
  }

  /** What is on disk once a Ready is: the log, the hard state, a snapshot's data. */
  private writeReady({ peer, ready }: PendingWrite): void {
    const { storage } = peer;
    if (peer.destroyed) return;
    const { snapshot, entries, hardState } = ready;
    if (snapshot !== undefined) this.install(storage, snapshot);
    if (entries.length > 0) storage.log.append(entries);
    if (hardState !== undefined) storage.hardState = hardState;
  }

  private install(storage: PeerStorage, { meta, data }: Snapshot): void {
    const { region } = data as RegionSnapshot;
    for (const { region: other, id, mergedInto = region } of this.router.overlapping(region)) {
      this.storage.peers.delete(other.id);
      this.storage.tombstones.set(other.id, { region: other, peer: id, mergedInto });
    }
    if (storage.initialised) clearRange(this.engine, storage.region);
    installSnapshot(this.engine, data as RegionSnapshot);
    storage.region = region;
    storage.conf = meta.conf;
    storage.merging = undefined;
    storage.log.reset(meta.index, meta.term);
    storage.applied = meta.index;
    storage.appliedTerm = meta.term;
  }

  private written(peer: Peer, ready: Ready<RaftCommand>): void {
    if (peer.destroyed) return;
    this.sendAll(peer, ready.persistedMessages);
    peer.raft.persisted(ready.number);
    if (ready.snapshot !== undefined) {
      for (const [id, other] of this.peers) {
        if (this.storage.peers.get(id) === other.storage) continue;
        this.peers.delete(id);
        other.abandon({ kind: 'RegionNotFound' });
      }
      peer.stalled = [];
      peer.raft.appliedTo(ready.snapshot.meta.index);
    }
    if (peer.raft.hasReady()) this.notify(peer);
  }

  private sendAll(peer: Peer, messages: readonly RaftMessage<RaftCommand>[]): void {
    for (const message of messages) {
      const to = peer.storeOf(message.to);
      if (to === undefined) continue;
      this.post(to, { kind: 'raft', region: peer.region, message });
      if (message.kind === 'snapshot') peer.raft.reportSnapshot(message.to, true);
    }
  }

  /** Notes since when a peer has been asleep, if it is. */
  noteSleep(peer: Peer): void {
    if (!peer.raft.hibernated) this.sleptSince.delete(peer);
    else if (!this.sleptSince.has(peer)) this.sleptSince.set(peer, this.nowUs);
  }

  /** Puts a message into the outbox. */
  post(store: number, message: Outgoing): void {
    const batch = this.outbox.find(({ to }) => to === store);
    if (batch === undefined) this.outbox.push({ to: store, messages: [message] });
    else batch.messages.push(message);
  }

  /** Sends what is in the outbox. */
  flush(): void {
    const { outbox } = this;
    this.outbox = [];
    for (const { to, messages } of outbox) {
      const batch: BatchRaftMessage = { kind: 'batch-raft', messages };
      this.process.send(to, batch, digestOf(messages));
    }
  }

  private revive(storage: PeerStorage): void {
    const peer = new Peer(this, storage);
    this.peers.set(storage.region.id, peer);
    const [only] = storage.region.peers;
    if (storage.region.peers.length === 1 && only?.id === peer.id) this.campaign(peer);
  }

  private tickLater(): void {
    this.process.after(TICK_US, () => {
      this.tick();
      this.tickLater();
    });
  }

  private tick(): void {
    this.ticks++;
    for (const peer of [...this.peers.values()]) {
      if (peer.storage.merging !== undefined && this.ticks % MERGE_CHECK_TICKS === 0) {
        checkMerge(peer);
      }
      if (peer.stalled.length > 0 && !peer.destroyed) peer.applyAll([]);
      if (peer.destroyed || peer.raft.hibernated) continue;
      peer.raft.tick();
      if (this.ticks % LOG_GC_TICKS === 0) collectLogGarbage(peer);
      if (this.ticks % CONTACT_TICKS === 0 && peer.isLeader) peer.noteContacts();
      this.maybeHibernate(peer);
      if (peer.raft.hasReady()) this.notify(peer);
    }
  }

  private maybeHibernate(peer: Peer): void {
    if (!peer.isLeader || peer.storage.merging !== undefined) return;
    if (this.nowUs - peer.activeUs < IDLE_US || !peer.raft.hibernate()) return;
    this.sleptSince.set(peer, this.nowUs);
  }
}

/** Enough to tell batches apart in the trace. */
function digestOf(messages: readonly Outgoing[]): number {
  let digest = messages.length;
  for (const message of messages) {
    digest = Math.imul(digest, 31) + message.region.id;
    if (message.kind === 'gc-peer') continue;
    const { term, index, commit, entries } = message.message;
    digest = Math.imul(digest, 31) + term + index * 7 + commit * 13 + entries.length;
  }
  return digest | 0;
}
