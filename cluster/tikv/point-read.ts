import type { Key } from '../key.ts';
import { blockingLock, type Lock, type MvccReader, visibleValue } from '../mvcc/index.ts';
import type { ConcurrencyManager } from './concurrency-manager.ts';
import type { BatchGetReply, BatchGetRequest, GetReply, GetRequest } from './request.ts';

/** KvGet: the value of one key at a timestamp, or the lock that stands in the way. */
export function point(
  reader: MvccReader,
  concurrency: ConcurrencyManager,
  request: GetRequest,
): GetReply {
  const { key } = request;
  concurrency.willRead(request.readTs);
  const locked = lockInTheWay(reader, concurrency, key, request);
  if (locked !== undefined) return { kind: 'get', locked };
  const value = visibleValue(reader, key, request.readTs);
  return value === undefined ? { kind: 'get' } : { kind: 'get', value };
}

/** KvBatchGet: values in order; a key behind a lock answers nothing and its lock is listed. */
export function pointBatch(
  reader: MvccReader,
  concurrency: ConcurrencyManager,
  request: BatchGetRequest,
): BatchGetReply {
  concurrency.willRead(request.readTs);
  const locks: Lock[] = [];
  const values = request.keys.map((key) => {
    const locked = lockInTheWay(reader, concurrency, key, request);
    if (locked === undefined) return visibleValue(reader, key, request.readTs);
    locks.push(locked);
    return undefined;
  });
  return { kind: 'batch-get', values, locked: locks };
}

function lockInTheWay(
  reader: MvccReader,
  concurrency: ConcurrencyManager,
  key: Key,
  { readTs, bypass }: GetRequest | BatchGetRequest,
): Lock | undefined {
  const inMemory = concurrency.blocking(key, readTs, bypass);
  return inMemory ?? blockingLock(reader, key, readTs, bypass);
}
