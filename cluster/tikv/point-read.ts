import { blockingLock, type Lock, type MvccReader, visibleValue } from '../mvcc/index.ts';
import type { BatchGetReply, BatchGetRequest, GetReply, GetRequest } from './request.ts';

/** KvGet: the value of one key at a timestamp, or the lock that stands in the way. */
export function point(reader: MvccReader, request: GetRequest): GetReply {
  const { key, readTs, bypass } = request;
  const locked = blockingLock(reader, key, readTs, bypass);
  if (locked !== undefined) return { kind: 'get', locked };
  const value = visibleValue(reader, key, readTs);
  return value === undefined ? { kind: 'get' } : { kind: 'get', value };
}

/** KvBatchGet: values in order; a key behind a lock answers nothing and its lock is listed. */
export function pointBatch(reader: MvccReader, request: BatchGetRequest): BatchGetReply {
  const locks: Lock[] = [];
  const values = request.keys.map((key) => {
    const locked = blockingLock(reader, key, request.readTs, request.bypass);
    if (locked === undefined) return visibleValue(reader, key, request.readTs);
    locks.push(locked);
    return undefined;
  });
  return { kind: 'batch-get', values, locked: locks };
}
