import type { Call } from '../sim/index.ts';
import type { Peer } from './peer.ts';
import type { KvRequest, RegionError, RegionInfo, SplitRegionRequest } from './request.ts';
import type { Store } from './store.ts';

/** KvSplitRegion: splits a region at keys of the client's choice, as for a new table. */
export function splitByRequest(
  store: Store,
  call: Call,
  request: KvRequest,
  body: SplitRegionRequest,
): void {
  const peer = store.peerOf(request);
  const before = peer.region;
  const keys = body.keys.filter((key) => inside(before, key));
  const refused = (error: RegionError): void => call.respond({ regionError: error }, 1);
  const applied = (): void => {
    const regions = regionsWithin(peer, before);
    call.respond({ body: { kind: 'split-region', regions } }, regions.length);
  };
  if (keys.length === 0) applied();
  else store.raft.splitCheck.split(peer, keys, { applied, refused }, refused);
}

function inside({ startKey, endKey }: RegionInfo, key: string): boolean {
  return key > startKey && (endKey === '' || key < endKey);
}

/** What a region has become; every part of it has a peer on this store. */
function regionsWithin({ store }: Peer, { startKey, endKey }: RegionInfo): RegionInfo[] {
  const regions: RegionInfo[] = [];
  for (const { region } of store.peers.values()) {
    const within = region.startKey >= startKey && (endKey === '' || region.startKey < endKey);
    if (within && region.peers.length > 0) regions.push(region);
  }
  return regions.sort((a, b) => (a.startKey < b.startKey ? -1 : 1));
}
