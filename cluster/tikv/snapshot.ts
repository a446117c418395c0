import type { Bound } from '../key.ts';
import type { Lock } from '../mvcc/records.ts';
import { decodeBound } from './columns/bound.ts';
import type { Engine } from './columns/engine.ts';
import type { Leaf } from './columns/leaf.ts';
import type { Tree } from './columns/tree.ts';
import type { RegionInfo } from './request.ts';

/** Above every encoded key. */
const INFINITY_KEY = '\uffff\uffff';
/** What a record weighs on the wire: the seed's rows are about 65 bytes. */
const RECORD_BYTES = 65;

/** All data of a region as of one index: leaves are shared with the store that made it. */
export interface RegionSnapshot {
  readonly region: RegionInfo;
  readonly trees: readonly { readonly tree: Tree; readonly leaves: readonly Leaf[] }[];
  readonly locks: readonly Lock[];
  /** Records in it. */
  readonly records: number;
}

/** The bounds of a region within a tree. */
export function boundsIn(
  { space }: Tree,
  region: Pick<RegionInfo, 'startKey' | 'endKey'>,
): [start: Bound, end: Bound] {
  const end = region.endKey === '' ? INFINITY_KEY : region.endKey;
  return [decodeBound(space, region.startKey), decodeBound(space, end)];
}

/** Takes a snapshot. Costs one step a leaf; nothing is copied. */
export function takeSnapshot(engine: Engine, region: RegionInfo): RegionSnapshot {
  const trees = [];
  let records = 0;
  for (const tree of engine.allTrees()) {
    const leaves = tree.share(...boundsIn(tree, region));
    for (const leaf of leaves) records += leaf.rows;
    if (leaves.length > 0) trees.push({ tree, leaves });
  }
  return { region, trees, locks: engine.locks.inRange(region.startKey, region.endKey), records };
}

/** What a snapshot weighs, bytes. */
export function snapshotBytes({ records, locks }: RegionSnapshot): number {
  return 1024 + RECORD_BYTES * (records + locks.length);
}

/** Replaces everything in the region's range by the snapshot. */
export function installSnapshot(engine: Engine, snapshot: RegionSnapshot): void {
  clearRange(engine, snapshot.region);
  for (const { tree, leaves } of snapshot.trees) {
    const own = engine.tree(tree.space);
    own.replace(...boundsIn(own, snapshot.region), leaves);
  }
  for (const lock of snapshot.locks) engine.locks.put(lock);
}

/** Forgets all data of a region. */
export function clearRange(engine: Engine, region: RegionInfo): void {
  for (const tree of engine.allTrees()) tree.replace(...boundsIn(tree, region), []);
  for (const { key } of engine.locks.inRange(region.startKey, region.endKey)) {
    engine.locks.delete(key);
  }
}
