import type { RegionRoute } from '../../pd/request.ts';
import type { Wait } from '../../sim/index.ts';
import type { RegionError, RegionInfo } from '../../tikv/request.ts';
import type { PdClient } from './pd-client.ts';

/** A region as this node last heard of it, and where it believes its leader. */
export interface CachedRegion {
  readonly info: RegionInfo;
  leader: number;
}

/** Regions fetched ahead when a range is walked. */
const SCAN_LIMIT = 128;

/**
 * Which region holds a key, as far as this node knows. Entries are never refreshed on suspicion,
 * only dropped when a store says they are wrong: a stale one is harmless, because stores check
 * every request. Source: client-go `internal/locate/region_cache.go`.
 */
export class RegionCache {
  private readonly pd: PdClient;
  private regions: CachedRegion[] = [];

  constructor(pd: PdClient) {
    this.pd = pd;
  }

  /** The region that holds `key`; asks PD when it is not known. */
  *locate(key: string): Wait<CachedRegion> {
    const known = this.find(key);
    if (known !== undefined) return known;
    const { routes } = yield* this.pd.ask(
      { kind: 'scan-regions', startKey: key, endKey: '', limit: SCAN_LIMIT },
      'regions',
    );
    for (const route of routes) this.install(route);
    const found = this.find(key);
    if (found === undefined) throw new Error('PD knows no region for a key');
    return found;
  }

  /** The known region of `key`, if any. */
  find(key: string): CachedRegion | undefined {
    const region = this.regions[this.position(key) - 1];
    if (region === undefined) return undefined;
    const { endKey } = region.info;
    return endKey === '' || key < endKey ? region : undefined;
  }

  /** Learns from a store's refusal. Returns true if the request may be sent again at once. */
  onRegionError(region: CachedRegion, error: RegionError): boolean {
    if (error.kind === 'NotLeader' && error.leaderStore !== undefined) {
      region.leader = error.leaderStore;
      return true;
    }
    this.invalidate(region);
    if (error.kind !== 'EpochNotMatch') return false;
    const ahead = error.currentRegions.every(
      ({ id, epoch }) =>
        id !== region.info.id ||
        epoch.version > region.info.epoch.version ||
        epoch.confVer > region.info.epoch.confVer,
    );
    if (!ahead) return false;
    for (const info of error.currentRegions) {
      const [peer] = info.peers;
      this.install({ region: info, leaderStore: peer?.store ?? region.leader });
    }
    return true;
  }

  /** Forgets an entry. */
  invalidate(region: CachedRegion): void {
    const at = this.regions.indexOf(region);
    if (at >= 0) this.regions.splice(at, 1);
  }

  private install({ region, leaderStore }: RegionRoute): void {
    const overlaps = ({ info }: CachedRegion): boolean =>
      (info.endKey === '' || info.endKey > region.startKey) &&
      (region.endKey === '' || info.startKey < region.endKey);
    this.regions = this.regions.filter((other) => !overlaps(other));
    const at = this.position(region.startKey);
    this.regions.splice(at, 0, { info: region, leader: leaderStore });
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
