import type { decodeBound } from './columns/bound.ts';
import type { Tree } from './columns/tree.ts';
import type { Peer, Proposer } from './peer.ts';
import type { RaftStore } from './raft-store.ts';
import type { RegionError } from './request.ts';
import { boundsIn } from './snapshot.ts';

/** Nobody waits for a split that the store makes by itself. */
const NOBODY: Proposer = { applied: () => {}, refused: () => {} };

/** `region-max-size` over `region-split-size`: 144 MiB to 96 MiB. */
const MAX_OVER_SPLIT = 1.5;

/**
 * Splits a region that has grown past `region-max-size` into pieces of `region-split-size`, by its
 * largest key space: what is only appended to leaves full pieces behind. Looked at after every so
 * many writes, as TiKV's split check does after so many bytes. Ids of the new regions come from PD.
 * Source: TiKV `coprocessor/split_check/size.rs`.
 */
export class SplitCheck {
  private readonly store: RaftStore;

  constructor(store: RaftStore) {
    this.store = store;
  }

  /** Notes `records` new records in a region; its leader splits it if it has grown too large. */
  wrote(peer: Peer, records: number): void {
    peer.writtenRecords += records;
    const limit = this.store.context.costs.regionSplitKeys;
    if (peer.writtenRecords * 16 < limit) return;
    peer.writtenRecords = 0;
    if (!peer.isLeader) return;
    peer.approximateRecords = this.countRecords(peer);
    if (peer.approximateRecords < limit * MAX_OVER_SPLIT) return;
    const keys = this.keysEvery(peer, limit);
    if (keys.length > 0) this.split(peer, keys, NOBODY, () => {});
  }

  /** Splits a region in two halves. */
  splitInTheMiddle(peer: Peer): void {
    const middle = this.middleKey(peer);
    if (middle !== undefined) this.split(peer, [middle], NOBODY, () => {});
  }

  /** Splits a region at keys; `refused` hears why it cannot be. */
  split(
    peer: Peer,
    keys: readonly string[],
    proposer: Proposer,
    refused: (error: RegionError) => void,
  ): void {
    const { region } = peer;
    const request = { kind: 'ask-batch-split', region, count: keys.length } as const;
    this.store.pd.ask(request, 'split-ids', (reply) => {
      if (reply === undefined) {
        refused({ kind: 'ServerIsBusy', reason: 'no ids for new regions' });
        return;
      }
      const { ids } = reply;
      const { epoch } = region;
      const error = peer.destroyed
        ? ({ kind: 'RegionNotFound' } as const)
        : peer.propose({ kind: 'batch-split', epoch, keys, ids }, proposer);
      if (error !== undefined) refused(error);
    });
  }

  private countRecords({ region }: Peer): number {
    let records = 0;
    for (const tree of this.store.engine.allTrees()) {
      records += tree.countRecords(...boundsIn(tree, region));
    }
    return records;
  }

  private middleKey(peer: Peer): string | undefined {
    const { tree, records } = this.largestTree(peer);
    return tree === undefined ? undefined : this.keysEvery(peer, records / 2)[0];
  }

  /** Where a region is cut into pieces of `step` records, the last of at least half as many. */
  private keysEvery(peer: Peer, step: number): string[] {
    const { region } = peer;
    const { tree, records } = this.largestTree(peer);
    if (tree === undefined) return [];
    const ranks: number[] = [];
    for (let rank = step; rank <= records - step / 2; rank += step) ranks.push(Math.floor(rank));
    return keysAt(tree, boundsIn(tree, region), ranks).filter((key) => key > region.startKey);
  }

  /** The key space of which a region has most. */
  private largestTree({ region }: Peer): { tree: Tree | undefined; records: number } {
    let tree: Tree | undefined;
    let records = 0;
    for (const each of this.store.engine.allTrees()) {
      const count = each.countRecords(...boundsIn(each, region));
      if (count > records) [tree, records] = [each, count];
    }
    return { tree, records };
  }
}

type Bounds = [start: ReturnType<typeof decodeBound>, end: ReturnType<typeof decodeBound>];

/** The keys of the records at these ranks, ascending; versions of one key are not torn apart. */
function keysAt(tree: Tree, bounds: Bounds, ranks: readonly number[]): string[] {
  const keys: string[] = [];
  let seen = 0;
  let next = 0;
  tree.eachLeaf(...bounds, (leaf, from, to) => {
    for (; next < ranks.length && (ranks[next] as number) < seen + to - from; next++) {
      let at = from + (ranks[next] as number) - seen;
      while (at > from && leaf.continues(at)) at--;
      const key = leaf.keyAt(at);
      if (keys.at(-1) !== key) keys.push(key);
    }
    seen += to - from;
  });
  return keys;
}
