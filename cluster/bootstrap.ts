import type { RegionStorage } from './pd/index.ts';
import { PeerStorage, type StoreStorage } from './tikv/index.ts';
import type { RegionInfo } from './tikv/request.ts';

/** Copies of a region that a cluster keeps, where it has as many stores (`max-replicas`). */
export const MAX_REPLICAS = 3;

/** Id of the first region; its peers follow. */
const FIRST_REGION = 1;

/**
 * Makes a cluster's first region, which holds everything, on as many stores as it needs, and tells
 * PD of it. The peer on the first store will ask the others to elect it. Source: TiKV
 * `server/node.rs`, `bootstrap_cluster`.
 */
export function bootstrapCluster(
  stores: ReadonlyMap<number, StoreStorage>,
  members: Iterable<RegionStorage>,
  ranges: readonly FirstRange[] = [{ startKey: '', endKey: '', stores: firstOf(stores) }],
): void {
  let id = FIRST_REGION;
  for (const { startKey, endKey, stores: nodes } of ranges) {
    const region: RegionInfo = {
      id: id++,
      startKey,
      endKey,
      epoch: { confVer: 1, version: 1 },
      peers: nodes.map((store) => ({ id: id++, store, role: 'voter' })),
    };
    for (const { id: peer, store } of region.peers) {
      stores.get(store)?.peers.set(region.id, PeerStorage.created(peer, region));
    }
    for (const regions of members) regions.put({ region, leaderStore: nodes[0] as number });
  }
}

/** One region of a cluster that begins with several. */
export interface FirstRange {
  readonly startKey: string;
  readonly endKey: string;
  /** Nodes; the first one is to lead. */
  readonly stores: readonly number[];
}

function firstOf(stores: ReadonlyMap<number, StoreStorage>): number[] {
  return [...stores.keys()].slice(0, MAX_REPLICAS);
}
