import type { RegionHeartbeat } from './heartbeat.ts';

/**
 * Regions in order of keys; ranges do not overlap, but there may be gaps while PD has not heard of
 * everything. Looking one up takes a binary search. A heartbeat that leaves the range alone
 * replaces one element; only a split or a merge moves the elements behind it, and moving ten
 * thousand references takes microseconds. Source: PD `core.regionTree`, which is a B-tree.
 */
export class RegionTree {
  private readonly regions: RegionHeartbeat[] = [];

  get size(): number {
    return this.regions.length;
  }

  /** The region that holds `key`, if it is known. */
  find(key: string): RegionHeartbeat | undefined {
    const found = this.regions[this.firstEndingBehind(key)];
    return found !== undefined && found.region.startKey <= key ? found : undefined;
  }

  /** Regions that have keys in `[startKey, endKey)`, in order; `endKey` '' is no bound. */
  overlapping(
    startKey: string,
    endKey: string,
    limit = Number.POSITIVE_INFINITY,
  ): RegionHeartbeat[] {
    const found: RegionHeartbeat[] = [];
    for (let at = this.firstEndingBehind(startKey); found.length < limit; at++) {
      const region = this.regions[at];
      if (region === undefined) break;
      if (endKey !== '' && region.region.startKey >= endKey) break;
      found.push(region);
    }
    return found;
  }

  /** Puts a region in the place of all that overlap it. */
  put(region: RegionHeartbeat): void {
    const { startKey, endKey } = region.region;
    const from = this.firstEndingBehind(startKey);
    let to = from;
    while (to < this.regions.length) {
      const other = (this.regions[to] as RegionHeartbeat).region;
      if (endKey !== '' && other.startKey >= endKey) break;
      to++;
    }
    if (to === from + 1) this.regions[from] = region;
    else this.regions.splice(from, to - from, region);
  }

  /** Takes a region out. */
  remove({ region: { id, startKey } }: RegionHeartbeat): void {
    const at = this.firstEndingBehind(startKey);
    if (this.regions[at]?.region.id === id) this.regions.splice(at, 1);
  }

  /** The regions that meet this one to the left and to the right. */
  neighbours({
    region,
  }: RegionHeartbeat): [before: RegionHeartbeat | undefined, after: RegionHeartbeat | undefined] {
    const at = this.firstEndingBehind(region.startKey);
    const before = this.regions[at - 1];
    const after = this.regions[at + 1];
    return [
      before?.region.endKey === region.startKey ? before : undefined,
      region.endKey !== '' && after?.region.startKey === region.endKey ? after : undefined,
    ];
  }

  /** How many regions end at `key` or before it. */
  private firstEndingBehind(key: string): number {
    let low = 0;
    let high = this.regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { endKey } = (this.regions[middle] as RegionHeartbeat).region;
      if (endKey === '' || endKey > key) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
