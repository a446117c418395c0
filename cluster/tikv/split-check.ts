import type { decodeBound } from './columns/bound.ts';
import type { Tree } from './columns/tree.ts';
import type { Peer, Proposer } from './peer.ts';
import type { RaftStore } from './raft-store.ts';
import type { RegionError } from './request.ts';
import { boundsIn } from './snapshot.ts';

/** Nobody waits for a split that the store makes by itself. */
const NOBODY: Proposer = { applied: () => {}, refused: () => {} };

/**
 * Splits a region that has grown past `region-split-keys`, in the middle of its largest key space.
 * Looked at after every so many writes, as TiKV's split check does after so many bytes. Ids of the
 * new regions come from PD.
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
    if (peer.approximateRecords >= limit) this.splitInTheMiddle(peer);
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

  private middleKey({ region }: Peer): string | undefined {
    let largest: Tree | undefined;
    let most = 0;
    for (const tree of this.store.engine.allTrees()) {
      const count = tree.countRecords(...boundsIn(tree, region));
      if (count > most) [largest, most] = [tree, count];
    }
    if (largest === undefined) return undefined;
    const key = middleOf(largest, boundsIn(largest, region), most);
    return key !== undefined && key > region.startKey ? key : undefined;
  }
}

type Bounds = [start: ReturnType<typeof decodeBound>, end: ReturnType<typeof decodeBound>];

function middleOf(tree: Tree, bounds: Bounds, records: number): string | undefined {
  let left = records / 2;
  let key: string | undefined;
  tree.eachLeaf(...bounds, (leaf, from, to) => {
    left -= to - from;
    if (left > 0 || key !== undefined) return;
    let row = from + ((to - from) >> 1);
    while (row > from && leaf.continues(row)) row--;
    key = leaf.keyAt(row);
  });
  return key;
}
