import type { Rng } from '../sim/index.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import { RegionTree } from './region-tree.ts';
import { isHealthy, isOlder, isPending, isVoter } from './region-view.ts';
import type { ScheduleConfig } from './schedule-config.ts';
import { StoreInfo, type StoreStats } from './store-info.ts';

/** The part a store plays in a region, as schedulers choose by it. */
export type RoleOnStore = 'leaders' | 'followers' | 'learners' | 'pending';

/** How often a region is drawn before a scheduler gives up on a store. */
const DRAWS = 10;

/**
 * What PD knows of the cluster, all of it hearsay: regions and stores as their heartbeats describe
 * them. Two rules keep it sane. A heartbeat whose epoch or term is older than what is known is
 * refused, since messages overtake each other. And where two regions claim the same keys, the one
 * with the larger version is right, since every split and every merge raises the version of all
 * whose range it changes. Source: PD `core.BasicCluster`, `core.RegionsInfo`.
 */
export class BasicCluster {
  readonly config: ScheduleConfig;
  private readonly tree = new RegionTree();
  private readonly byId = new Map<number, RegionHeartbeat>();
  private readonly storesById = new Map<number, StoreInfo>();
  private sorted: readonly StoreInfo[] = [];
  private removing = 0;
  private totalBytes = 0;

  constructor(config: ScheduleConfig) {
    this.config = config;
  }

  /** Takes a store's heartbeat in; a store never heard of is registered by it. */
  storeHeartbeat(stats: StoreStats, nowUs: number): void {
    const store = this.storeOrNew(stats.store, nowUs);
    if (store.isTombstone) return;
    store.heard(stats, nowUs);
    if (store.isRemoving && store.regionCount === 0 && stats.regionCount === 0) this.bury(store);
  }

  /** The store is to be emptied; false if it is not known or gone already. */
  removeStore(id: number): boolean {
    const store = this.storesById.get(id);
    if (store === undefined || store.isTombstone) return false;
    if (!store.isRemoving) this.removing++;
    store.isRemoving = true;
    return true;
  }

  /** Takes a region's heartbeat in; false if the region is stale, or nobody leads it. */
  regionHeartbeat(heartbeat: RegionHeartbeat, nowUs: number): boolean {
    const { region, leader } = heartbeat;
    const origin = this.byId.get(region.id);
    if (!region.peers.some(({ id }) => id === leader)) return false;
    if (origin !== undefined && isStale(heartbeat, origin)) return false;
    if (origin === undefined || !hasSameRange(region, origin.region)) {
      const others = this.tree.overlapping(region.startKey, region.endKey);
      if (others.some((other) => other.region.epoch.version > region.epoch.version)) return false;
      for (const other of others) this.forget(other);
      if (origin !== undefined && this.byId.has(region.id)) this.forget(origin);
      this.account(heartbeat, 1, nowUs);
    } else if (isPlacedAlike(heartbeat, origin)) this.resize(heartbeat, origin);
    else {
      this.account(origin, -1, nowUs);
      this.account(heartbeat, 1, nowUs);
    }
    this.byId.set(region.id, heartbeat);
    this.tree.put(heartbeat);
    return true;
  }

  /** The region of this id. */
  region(id: number): RegionHeartbeat | undefined {
    return this.byId.get(id);
  }

  /** The region that holds `key`. */
  regionByKey(key: string): RegionHeartbeat | undefined {
    return this.tree.find(key);
  }

  /** At most `limit` regions from the one on that holds `startKey`, in order of keys. */
  scanRegions(startKey: string, limit: number): RegionHeartbeat[] {
    return this.tree.overlapping(startKey, '', limit);
  }

  /** The regions before and behind this one. */
  neighbours(region: RegionHeartbeat): ReturnType<RegionTree['neighbours']> {
    return this.tree.neighbours(region);
  }

  get regionCount(): number {
    return this.tree.size;
  }

  /** Size of an average region, bytes. */
  get averageRegionBytes(): number {
    return this.tree.size === 0 ? 0 : this.totalBytes / this.tree.size;
  }

  /** All stores that are not tombstones, by id. */
  get stores(): readonly StoreInfo[] {
    return this.sorted;
  }

  /** Whether a store is being emptied. */
  get isScalingIn(): boolean {
    return this.removing > 0;
  }

  /** The store with this node number. */
  store(id: number): StoreInfo | undefined {
    return this.storesById.get(id);
  }

  /**
   * A random region in which the store plays the role and that satisfies `accept` (by default: is
   * healthy). Ten draws, then undefined: there may be none.
   */
  randomRegion(
    store: StoreInfo,
    role: RoleOnStore,
    rng: Rng,
    accept: (region: RegionHeartbeat) => boolean = isHealthy,
  ): RegionHeartbeat | undefined {
    for (let draw = 0; draw < DRAWS; draw++) {
      const id = store[role].pick(rng);
      const region = id === undefined ? undefined : this.byId.get(id);
      if (region === undefined) return undefined;
      if (accept(region)) return region;
    }
    return undefined;
  }

  private bury(store: StoreInfo): void {
    store.isTombstone = true;
    this.removing--;
    this.sorted = this.sorted.filter((other) => other !== store);
  }

  /** Only the size has changed. */
  private resize(heartbeat: RegionHeartbeat, origin: RegionHeartbeat): void {
    const growth = heartbeat.approximateSizeBytes - origin.approximateSizeBytes;
    if (growth === 0) return;
    this.totalBytes += growth;
    for (const { store } of heartbeat.region.peers) {
      const info = this.storesById.get(store);
      if (info !== undefined) info.regionBytes += growth;
    }
  }

  private forget(region: RegionHeartbeat): void {
    this.byId.delete(region.region.id);
    this.tree.remove(region);
    this.account(region, -1, 0);
  }

  /** Books a region with the stores that have a peer of it, or takes it off their books. */
  private account(heartbeat: RegionHeartbeat, sign: 1 | -1, nowUs: number): void {
    const { region, leader, approximateSizeBytes } = heartbeat;
    this.totalBytes += sign * approximateSizeBytes;
    for (const peer of region.peers) {
      const store = this.storeOrNew(peer.store, nowUs);
      store.regionBytes += sign * approximateSizeBytes;
      const voters = peer.id === leader ? store.leaders : store.followers;
      const set = isVoter(peer) ? voters : store.learners;
      if (sign > 0) set.add(region.id);
      else set.delete(region.id);
      if (sign > 0 && isPending(heartbeat, peer.id)) store.pending.add(region.id);
      else store.pending.delete(region.id);
    }
  }

  private storeOrNew(id: number, nowUs: number): StoreInfo {
    const known = this.storesById.get(id);
    if (known !== undefined) return known;
    const store = new StoreInfo(id, nowUs, this.config);
    this.storesById.set(id, store);
    this.sorted = [...this.sorted, store].sort((a, b) => a.id - b.id);
    return store;
  }
}

function isStale(heartbeat: RegionHeartbeat, origin: RegionHeartbeat): boolean {
  const isTermBehind = heartbeat.term > 0 && heartbeat.term < origin.term;
  return isTermBehind || isOlder(heartbeat.region.epoch, origin.region.epoch);
}

/** The common case: a region at rest says the same again. */
function isPlacedAlike(a: RegionHeartbeat, b: RegionHeartbeat): boolean {
  const areCaughtUp = a.pendingPeers.length === 0 && b.pendingPeers.length === 0;
  return a.region === b.region && a.leader === b.leader && areCaughtUp;
}

function hasSameRange(a: RegionHeartbeat['region'], b: RegionHeartbeat['region']): boolean {
  return a.startKey === b.startKey && a.endKey === b.endKey;
}
