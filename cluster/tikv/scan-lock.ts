import type { Lock } from '../mvcc/records.ts';
import type { Engine } from './columns/engine.ts';
import type { ConcurrencyManager } from './concurrency-manager.ts';
import type { RegionInfo, ScanLockReply, ScanLockRequest } from './request.ts';

/**
 * KvScanLock: the locks garbage collection has to settle before it may go on. Locks on their way
 * into the store are among them, and none can follow with a commit timestamp at or below
 * `maxVersion` (tikv issue 9526).
 */
export function scanLocks(
  engine: Engine,
  concurrency: ConcurrencyManager,
  region: RegionInfo,
  request: ScanLockRequest,
): ScanLockReply {
  const { maxVersion, limit } = request;
  concurrency.advance(maxVersion);
  const begun = request.startKey > region.startKey;
  const start = begun ? request.startKey : region.startKey;
  const byKey = new Map<string, Lock>();
  for (const lock of engine.locks.inRange(start, region.endKey)) byKey.set(lock.key.encoded, lock);
  for (const lock of concurrency.inRange(start, region.endKey)) byKey.set(lock.key.encoded, lock);
  const locks = [...byKey.values()].filter((lock) => lock.startTs <= maxVersion);
  locks.sort((a, b) => (a.key.encoded < b.key.encoded ? -1 : 1));
  return { kind: 'scan-lock', locks: locks.slice(0, limit) };
}
