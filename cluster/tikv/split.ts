import type { RaftCommand } from './command.ts';
import type { Peer } from './peer.ts';
import { PeerStorage } from './peer-storage.ts';
import type { RegionInfo } from './request.ts';

type BatchSplit = Extract<RaftCommand, { kind: 'batch-split' }>;

/**
 * Splits a region: each key ends a new region, and the old id keeps what lies behind the last one
 * (`right-derive-when-split`). No data moves, since both halves live in the same engine. The peers
 * of a new region are made by each peer of the old one as it applies the command; the leader's has
 * the new region elect it at once.
 */
export function applySplit(peer: Peer, command: BatchSplit): void {
  const { store, storage } = peer;
  const before = storage.region;
  const epoch = {
    confVer: before.epoch.confVer,
    version: before.epoch.version + command.keys.length,
  };
  const parts = newRegions(before, command, epoch);
  const startKey = command.keys.at(-1) as string;
  storage.region = { ...before, startKey, epoch };
  // Nobody has looked yet: the parts are taken to be alike.
  peer.approximateRecords = Math.floor(peer.approximateRecords / (parts.length + 1));
  for (const region of parts) {
    const part = createPart(peer, region);
    if (part === undefined) continue;
    part.approximateRecords = peer.approximateRecords;
    if (!peer.isLeader) continue;
    peer.locks.handOver(region, part.locks);
    store.campaign(part);
  }
  store.witness.split(before, [...parts, storage.region], peer.isLeader);
  if (peer.isLeader) store.pd.reportRegion(peer);
}

function newRegions(
  { startKey, peers }: RegionInfo,
  { keys, ids }: BatchSplit,
  epoch: RegionInfo['epoch'],
): RegionInfo[] {
  return keys.map((endKey, at) => {
    const id = ids[at] as (typeof ids)[number];
    return {
      id: id.region,
      startKey: at === 0 ? startKey : (keys[at - 1] as string),
      endKey,
      epoch,
      peers: peers.map((parent, i) => ({ ...parent, id: id.peers[i] as number })),
    };
  });
}

/**
 * The local peer of a new region. It may be there already: a faster store's messages may have made
 * it without any data, and what such a peer voted must not be forgotten (tikv#9579); or a snapshot
 * has brought it, which knows more than this split does.
 */
function createPart({ store }: Peer, region: RegionInfo): Peer | undefined {
  const own = region.peers.find((peer) => peer.store === store.node);
  if (own === undefined || store.storage.tombstones.has(region.id)) return undefined;
  const early = store.storage.peers.get(region.id);
  if (early?.initialised === true) return undefined;
  const storage = PeerStorage.created(own.id, region);
  if (early !== undefined) {
    const { term, vote } = early.hardState;
    const { hardState } = storage;
    if (term > hardState.term) storage.hardState = { ...hardState, term, vote };
  }
  return store.adopt(storage);
}
