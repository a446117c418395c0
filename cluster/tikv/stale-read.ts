import type { Call } from '../sim/index.ts';
import { checkFollower, type ReplicaReadBody } from './replica-read.ts';
import type { KvRequest } from './request.ts';
import type { Store } from './store.ts';

/**
 * Stale read: a snapshot of the past is read from any replica that is known to have all of it,
 * without a word to the leader. One that cannot know answers `DataIsNotReady`, and has itself told
 * from then on. The leader knows in any case. Source: TiKV `RegionReadProgress`, `stale_read`.
 */
export function readStale(store: Store, call: Call, request: KvRequest): void {
  const error = checkFollower(store, request);
  if (error !== undefined) {
    call.respond({ regionError: error }, 1);
    return;
  }
  const peer = store.peerOf(request);
  if (peer.isLeader) {
    store.whenReadable(call, request);
    return;
  }
  const { readTs } = request.body as ReplicaReadBody;
  const safeTs = store.resolvedTs.safeTs(peer);
  if (readTs <= safeTs) {
    store.context.witness.readOnReplica();
    store.serve(call, request);
    return;
  }
  store.resolvedTs.want(peer);
  call.respond({ regionError: { kind: 'DataIsNotReady', safeTs } }, 1);
}
