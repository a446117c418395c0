import type { RegionEpoch, RegionInfo } from '../tikv/request.ts';
import type { RegionRoute } from './request.ts';

/**
 * What a member of PD knows of the regions. It is on the member's own disk and thus outlives its
 * incarnations; the leader learns from heartbeats and passes news on to the others (PD's region
 * syncer), so that a new leader can tell clients at once where to go. What is out of date here does
 * no harm: stores check every request.
 */
export class RegionStorage {
  /** By start key; ranges do not overlap, but there may be gaps for a while. */
  private readonly routes: RegionRoute[] = [];
  private readonly byId = new Map<number, RegionRoute>();

  /**
   * Takes in what a region's leader said; false if something newer is known ("region is stale").
   */
  put(route: RegionRoute): boolean {
    const { region } = route;
    const known = this.byId.get(region.id);
    if (known !== undefined && isOlder(region.epoch, known.region.epoch)) return false;
    const overlapping = this.overlapping(region.startKey, region.endKey, Number.POSITIVE_INFINITY);
    const newer = overlapping.some(
      ({ region: other }) => other.id !== region.id && other.epoch.version > region.epoch.version,
    );
    if (newer) return false;
    for (const other of overlapping) this.remove(other);
    if (known !== undefined) this.remove(known);
    this.routes.splice(this.position(region.startKey), 0, route);
    this.byId.set(region.id, route);
    return true;
  }

  /** The region of this id. */
  get(id: number): RegionRoute | undefined {
    return this.byId.get(id);
  }

  /** The region that holds `key`. */
  locate(key: string): RegionRoute | undefined {
    const [found] = this.overlapping(key, `${key}\u0000`, 1);
    return found;
  }

  /** Regions overlapping `[startKey, endKey)`, in order; `endKey` '' is no bound. */
  overlapping(startKey: string, endKey: string, limit: number): RegionRoute[] {
    const found: RegionRoute[] = [];
    let at = this.position(startKey);
    const before = this.routes[at - 1];
    if (before !== undefined && reaches(before.region, startKey)) at--;
    for (; at < this.routes.length && found.length < limit; at++) {
      const route = this.routes[at] as RegionRoute;
      if (endKey !== '' && route.region.startKey >= endKey) break;
      found.push(route);
    }
    return found;
  }

  /** Every region, in order of keys. */
  all(): readonly RegionRoute[] {
    return this.routes;
  }

  private remove(route: RegionRoute): void {
    const at = this.routes.indexOf(route);
    if (at < 0) return;
    this.routes.splice(at, 1);
    this.byId.delete(route.region.id);
  }

  /** How many regions begin before `key`. */
  private position(key: string): number {
    let low = 0;
    let high = this.routes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.routes[middle] as RegionRoute).region.startKey < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function reaches({ endKey }: RegionInfo, key: string): boolean {
  return endKey === '' || endKey > key;
}

function isOlder(a: RegionEpoch, b: RegionEpoch): boolean {
  return a.version < b.version || a.confVer < b.confVer;
}
