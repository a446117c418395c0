import { sleep, type Wait } from '../sim/index.ts';
import type { Peer } from './peer.ts';
import { RegionReadProgress } from './region-read-progress.ts';
import type { RegionInfo } from './request.ts';
import type { Store } from './store.ts';

/** Between two advances, µs (`resolved-ts.advance-ts-interval`). */
const ADVANCE_US = 20_000_000;

/** What a leader knows, for its replicas. Source: kvproto `LeaderInfo.read_state`. */
export interface ReadState {
  readonly kind: 'read-state';
  readonly region: number;
  /** Of the region's epoch: another one has other keys. */
  readonly version: number;
  /** Nothing will ever be committed at or below this that is not in the region by now. */
  readonly resolvedTs: number;
  /** What “by now” means: the entry that the leader had applied. */
  readonly applied: number;
}

/** Messages between stores about it. */
export type ResolvedTsMessage =
  | ReadState
  | { readonly kind: 'read-state-wanted'; readonly region: number };

/**
 * How far the past of a region is settled. The leader takes a timestamp of PD, sees to it that
 * nothing is calculated below it any more, proves that it leads, and looks for the oldest lock:
 * whoever holds that may still commit just above its own start. Everything below is resolved. It
 * tells the replicas along with the entry it has applied; once one has applied that, too, the
 * timestamp is safe there.
 *
 * In TiKV every leader does this all the time; here one does for regions of which a replica has
 * been asked for the past, so that nobody pays for what nobody reads. Source: TiKV
 * `components/resolved_ts`.
 */
export class ResolvedTs {
  private readonly store: Store;
  /** Regions led here whose replicas want to be told. */
  private readonly wanted = new Set<number>();
  private readonly progress = new Map<number, RegionReadProgress>();
  private advancing = false;

  constructor(store: Store) {
    this.store = store;
  }

  /** The greatest timestamp at which a peer of this store has everything; 0 if it knows of none. */
  safeTs(peer: Peer): number {
    const progress = this.progress.get(peer.region.id);
    return progress?.peer === peer ? progress.safeTs() : 0;
  }

  /** Asks the leader to tell a peer of this store from now on. */
  want(peer: Peer): void {
    const { leaderStore, region } = peer;
    if (leaderStore === undefined) return;
    const message: ResolvedTsMessage = { kind: 'read-state-wanted', region: region.id };
    this.store.context.process.send(leaderStore, message, region.id);
  }

  onMessage(message: ResolvedTsMessage): void {
    const peer = this.store.raft.peers.get(message.region);
    if (peer === undefined) return;
    if (message.kind === 'read-state-wanted') this.tellFromNowOn(peer);
    else this.progressOf(peer).offer(message);
  }

  private progressOf(peer: Peer): RegionReadProgress {
    const { id } = peer.region;
    const known = this.progress.get(id);
    if (known?.peer === peer) return known;
    const progress = new RegionReadProgress(peer);
    this.progress.set(id, progress);
    return progress;
  }

  private tellFromNowOn({ isLeader, region }: Peer): void {
    if (!isLeader || this.wanted.has(region.id)) return;
    this.wanted.add(region.id);
    const { process } = this.store.context;
    process.spawn(this.advance([region.id]));
    if (this.advancing) return;
    this.advancing = true;
    process.spawn(this.keepAdvancing());
  }

  private *keepAdvancing(): Wait<void> {
    while (this.wanted.size > 0) {
      yield* sleep(this.store.context.process, ADVANCE_US);
      yield* this.advance([...this.wanted]);
    }
    this.advancing = false;
  }

  private *advance(regions: readonly number[]): Wait<void> {
    const ts = yield* this.store.raft.pd.timestamp();
    if (ts === undefined) return;
    this.store.concurrency.advance(ts);
    for (const region of regions) {
      const peer = this.store.raft.peers.get(region);
      if (peer?.isLeader !== true) {
        this.wanted.delete(region);
        continue;
      }
      peer.whenReadable((error) => {
        if (error === undefined) this.tell(peer, ts);
      });
    }
  }

  private tell({ region, storage }: Peer, ts: number): void {
    const { process } = this.store.context;
    const resolvedTs = this.resolve(region, ts);
    const state: ReadState = {
      ...{ kind: 'read-state', region: region.id, version: region.epoch.version },
      ...{ resolvedTs, applied: storage.applied },
    };
    for (const { store } of region.peers) {
      if (store !== process.node) process.send(store, state, resolvedTs | 0);
    }
  }

  /** `ts`, or the start of the oldest transaction that may still commit below it. */
  private resolve({ startKey, endKey }: RegionInfo, ts: number): number {
    const { concurrency, context, raft } = this.store;
    if (context.bugs.has('read.resolvedTsIgnoresLocks')) return ts;
    let resolvedTs = ts;
    for (const locks of [raft.engine.locks, concurrency]) {
      for (const { type, startTs } of locks.inRange(startKey, endKey)) {
        if (type !== 'pessimistic' && startTs < resolvedTs) resolvedTs = startTs;
      }
    }
    return resolvedTs;
  }
}
