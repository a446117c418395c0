import type { RegionRoute } from '../../pd/request.ts';
import type { Wait } from '../../sim/index.ts';
import type { RegionError, RegionInfo } from '../../tikv/request.ts';
import type { PdClient } from './pd-client.ts';

/** A region as this node last heard of it, and where it believes its leader. */
export interface CachedRegion {
  readonly info: RegionInfo;
  leader: number;
  /** Peers in a row that could not help. */
  misses: number;
}

/** Refusals that say nothing against the entry. */
const KEEPS_REGION: ReadonlySet<RegionError['kind']> = new Set([
  'ServerIsBusy',
  'StaleCommand',
  'ReadIndexNotReady',
  'DataIsNotReady',
  'ProposalInMergingMode',
  'MaxTimestampNotSynced',
]);

/** Regions fetched ahead when a range is walked. */
const SCAN_LIMIT = 128;

/**
 * Which region holds a key, as far as this node knows. Entries are never refreshed on suspicion,
 * only dropped when a store says they are wrong: a stale one is harmless, because stores check
 * every request. Source: client-go `internal/locate/region_cache.go`.
 */
export class RegionCache {
  private readonly pd: PdClient;
  /** Ascending and disjoint. */
  private readonly regions: CachedRegion[] = [];

  constructor(pd: PdClient) {
    this.pd = pd;
  }

  /** The region that holds `key`; asks PD when it is not known. */
  *locate(key: string): Wait<CachedRegion> {
    const known = this.find(key);
    if (known !== undefined) return known;
    for (const route of yield* this.pd.routesFrom(key, SCAN_LIMIT)) this.add(route);
    return this.find(key) as CachedRegion;
  }

  /** The known region of `key`, if any. */
  find(key: string): CachedRegion | undefined {
    const region = this.regions[this.position(key) - 1];
    if (region === undefined) return undefined;
    const { endKey } = region.info;
    return endKey === '' || key < endKey ? region : undefined;
  }

  /**
   * A store does not answer, or does not know who leads: the next request asks another peer, which
   * may know better; it also wakes a region that slept through the death of its leader. After all
   * have been asked in vain the entry is dropped.
   */
  tryAnotherPeer(region: CachedRegion): void {
    const { peers } = region.info;
    if (++region.misses >= peers.length) {
      this.invalidate(region);
      return;
    }
    const at = peers.findIndex(({ store }) => store === region.leader);
    region.leader = (peers[(at + 1) % peers.length] as { store: number }).store;
  }

  /** Learns from a store's refusal. Returns true if the request may be sent again at once. */
  onRegionError(region: CachedRegion, error: RegionError): boolean {
    if (error.kind === 'NotLeader') {
      if (error.leaderStore === undefined || error.leaderStore === region.leader) {
        this.tryAnotherPeer(region);
        return false;
      }
      region.leader = error.leaderStore;
      return true;
    }
    if (KEEPS_REGION.has(error.kind)) return false;
    this.invalidate(region);
    if (error.kind !== 'EpochNotMatch') return false;
    const ahead = error.currentRegions.every(
      ({ id, epoch }) =>
        id !== region.info.id ||
        epoch.version > region.info.epoch.version ||
        epoch.confVer > region.info.epoch.confVer,
    );
    if (!ahead) return false;
    this.install(error.currentRegions, region.leader);
    return true;
  }

  /** Takes regions in that a store told of; it probably leads them all. */
  install(regions: readonly RegionInfo[], leaderStore: number): void {
    for (const region of regions) this.add({ region, leaderStore });
  }

  /** Forgets an entry. */
  invalidate(region: CachedRegion): void {
    const at = this.regions.indexOf(region);
    if (at >= 0) this.regions.splice(at, 1);
  }

  /** Takes a region in, in the place of those that it overlaps. */
  private add({ region, leaderStore }: RegionRoute): void {
    const { startKey, endKey } = region;
    let from = this.position(startKey);
    const before = this.regions[from - 1]?.info;
    if (before !== undefined && (before.endKey === '' || before.endKey > startKey)) from--;
    let until = from;
    while (until < this.regions.length) {
      const other = (this.regions[until] as CachedRegion).info;
      if (endKey !== '' && other.startKey >= endKey) break;
      until++;
    }
    this.regions.splice(from, until - from, { info: region, leader: leaderStore, misses: 0 });
  }

  /** How many regions begin at or before `key`. */
  private position(key: string): number {
    let low = 0;
    let high = this.regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.regions[middle] as CachedRegion).info.startKey <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
