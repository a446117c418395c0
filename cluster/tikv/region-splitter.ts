import { leaderStore } from '../region-table.ts';
import { decodeBound } from './columns/bound.ts';
import type { Tree } from './columns/tree.ts';
import type { RegionInfo } from './request.ts';
import type { StoreContext } from './store.ts';

/**
 * Splits a region that has grown past `region-split-keys`, in the middle of its largest key space.
 * Asked after every so many writes, as TiKV's split check asks after so many bytes.
 */
export class RegionSplitter {
  private readonly context: StoreContext;
  /** Records written to a region since it was last looked at. */
  private readonly written = new Map<number, number>();

  constructor(context: StoreContext) {
    this.context = context;
  }

  /** Notes `records` new records in a region and splits it if it has grown too large. */
  wrote(regionId: number, records: number): void {
    const limit = this.context.costs.regionSplitKeys;
    const total = (this.written.get(regionId) ?? 0) + records;
    if (total * 16 < limit) {
      this.written.set(regionId, total);
      return;
    }
    this.written.set(regionId, 0);
    const region = this.context.regions.get(regionId);
    if (region !== undefined) this.check(region, limit);
  }

  private check(region: RegionInfo, limit: number): void {
    let records = 0;
    let largest: { tree: Tree; records: number } | undefined;
    for (const tree of this.context.engine.allTrees()) {
      const count = tree.countRecords(...boundsIn(tree, region));
      records += count;
      if (largest === undefined || count > largest.records) largest = { tree, records: count };
    }
    if (records < limit || largest === undefined) return;
    const middle = middleKey(largest.tree, region, largest.records);
    if (middle !== undefined && middle > region.startKey) {
      this.context.regions.split(middle, leaderStore(region));
    }
  }
}

type Bounds = [start: ReturnType<typeof decodeBound>, end: ReturnType<typeof decodeBound>];

function boundsIn(tree: Tree, region: RegionInfo): Bounds {
  const end = region.endKey === '' ? '\uffff' : region.endKey;
  return [decodeBound(tree.space, region.startKey), decodeBound(tree.space, end)];
}

function middleKey(tree: Tree, region: RegionInfo, records: number): string | undefined {
  let left = records / 2;
  let key: string | undefined;
  tree.eachLeaf(...boundsIn(tree, region), (leaf, from, to) => {
    left -= to - from;
    if (left > 0 || key !== undefined) return;
    let row = from + ((to - from) >> 1);
    while (row > from && leaf.continues(row)) row--;
    key = leaf.keyAt(row);
  });
  return key;
}
