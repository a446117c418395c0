import type { Key, Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { ReplicaRead } from '../transaction.ts';
import { BUDGET_MS } from './backoff.ts';
import type { TxnClient } from './client.ts';
import type { CachedRegion } from './region-cache.ts';

/** The value of a key at a timestamp, other transactions' locks resolved on the way. */
export function* snapshotGet(
  client: TxnClient,
  key: Key,
  readTs: number,
  replica: ReplicaRead,
): Wait<readonly Stored[] | undefined> {
  const backoff = client.backoff(BUDGET_MS.read);
  let bypass: readonly number[] = [];
  for (;;) {
    const region = yield* client.sender.regions.locate(key.encoded);
    const body = { kind: 'get' as const, key, readTs, bypass };
    const reply = yield* client.sender.read(region, body, backoff, replica);
    if (reply === undefined) continue;
    if (reply.locked === undefined) {
      client.checkVisible(readTs);
      return reply.value;
    }
    const resolution = yield* client.resolver.resolve([reply.locked], readTs);
    bypass = [...bypass, ...resolution.bypass];
    if (resolution.blocked) yield* backoff.wait('txnLockFast');
  }
}

/** Values of many keys, in their order; undefined where there is none. */
export function* snapshotBatchGet(
  client: TxnClient,
  keys: readonly Key[],
  readTs: number,
  replica: ReplicaRead,
): Wait<readonly (readonly Stored[] | undefined)[]> {
  const values = new Map<string, readonly Stored[] | undefined>();
  const backoff = client.backoff(BUDGET_MS.read);
  let bypass: readonly number[] = [];
  function* work(region: CachedRegion, some: readonly Key[]): Wait<boolean> {
    for (;;) {
      const body = { kind: 'batch-get' as const, keys: some, readTs, bypass };
      const reply = yield* client.sender.read(region, body, backoff, replica);
      if (reply === undefined) return false;
      if (reply.locked.length === 0) {
        for (const [i, key] of some.entries()) values.set(key.encoded, reply.values[i]);
        return true;
      }
      const resolution = yield* client.resolver.resolve(reply.locked, readTs);
      bypass = [...bypass, ...resolution.bypass];
      if (resolution.blocked) yield* backoff.wait('txnLockFast');
    }
  }
  yield* client.sender.onRegions(keys, work);
  client.checkVisible(readTs);
  return keys.map((key) => values.get(key.encoded));
}
