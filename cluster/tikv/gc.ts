import type { Call } from '../sim/index.ts';
import type { Engine } from './columns/engine.ts';
import type { Proposer } from './peer.ts';
import type { GcRequest, KvRequest, RegionError, RegionInfo } from './request.ts';
import { boundsIn } from './snapshot.ts';
import type { Store } from './store.ts';

/**
 * KvGC: has every peer of a region drop its garbage at the same place of the log. So a record that
 * is written anew afterwards (a rollback's flag on a commit) finds the same state everywhere, and
 * needs no fence as it does in TiKV, whose stores collect each by itself.
 */
export function gcByRequest(store: Store, call: Call, request: KvRequest, body: GcRequest): void {
  const peer = store.peerOf(request);
  const refused = (error: RegionError): void => call.respond({ regionError: error }, 1);
  const applied = (): void => call.respond({ body: { kind: 'gc' } }, 1);
  const proposer: Proposer = { applied, refused };
  const { epoch } = peer.region;
  const error = peer.propose({ kind: 'gc', epoch, safePoint: body.safePoint }, proposer);
  if (error !== undefined) refused(error);
}

/** Drops a region's records that no reader at or after `safePoint` needs. Returns how many. */
export function collectGarbage(
  engine: Engine,
  region: Pick<RegionInfo, 'startKey' | 'endKey'>,
  safePoint: number,
): number {
  let dropped = 0;
  for (const tree of engine.allTrees()) dropped += tree.gc(...boundsIn(tree, region), safePoint);
  return dropped;
}
