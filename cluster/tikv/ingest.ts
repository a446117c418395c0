/**
 * Physical import: records that were sorted outside become a region's own in one entry of its log,
 * without locks, latches or a look at single keys. TiDB Lightning and IMPORT INTO load empty
 * tables so. Source: TiKV `sst_importer`, `IngestSst` in `raftstore::store::fsm::apply`.
 */
import type { Call } from '../sim/index.ts';
import type { SortedRun } from './columns/sorted-run.ts';
import type { Peer } from './peer.ts';
import type { IngestRequest, KvRequest, RegionError } from './request.ts';
import { boundsIn } from './snapshot.ts';
import type { Store } from './store.ts';

/** MultiIngest: has every peer of a region take in a run. Refused where the range is not empty. */
export function ingestByRequest(
  store: Store,
  call: Call,
  request: KvRequest,
  { run }: IngestRequest,
): void {
  const peer = store.peerOf(request);
  if (recordsIn(peer, run) > 0) {
    call.respond({ body: { kind: 'ingest', refused: 'the range is not empty' } }, 1);
    return;
  }
  const refused = (error: RegionError): void => call.respond({ regionError: error }, 1);
  const applied = (): void => call.respond({ body: { kind: 'ingest' } }, 1);
  const { epoch } = peer.region;
  const error = peer.propose({ kind: 'ingest-sst', epoch, run }, { applied, refused });
  if (error !== undefined) refused(error);
}

/**
 * Every peer takes the run in, or none does: when records came in between, by an ordinary write or
 * a repeated request. Whoever asked is told to ask again, and then why not.
 */
export function applyIngest(peer: Peer, run: SortedRun): 'done' | RegionError {
  if (recordsIn(peer, run) > 0) return { kind: 'StaleCommand' };
  const tree = peer.store.engine.tree(run.space);
  tree.replace(...boundsIn(tree, peer.region), run.leaves);
  peer.store.splitCheck.wrote(peer, run.rows);
  return 'done';
}

function recordsIn({ store, region }: Peer, { space }: SortedRun): number {
  const tree = store.engine.tree(space);
  return tree.countRecords(...boundsIn(tree, region));
}
