import type { Key } from '../key.ts';
import { findCommitRecord } from './commit-record.ts';
import type { Modify, MvccReader } from './engine.ts';
import {
  type Lock,
  type LockType,
  WRITE_DELETE,
  WRITE_LOCK,
  WRITE_PUT,
  type WriteType,
} from './records.ts';
import type { CommitRequest, KeyError } from './request.ts';
import { type CommandResult, NO_ERRORS, type Rules, refused, SOUND } from './rules.ts';

/**
 * Second phase: replaces this transaction's locks by write records at `commitTs`. The transaction
 * is decided when its primary is; the other keys may follow at any time. Committing again is
 * harmless.
 *
 * Errors: `CommitTsExpired` (a reader pushed the lock: fetch a newer commitTs), `TxnLockNotFound`
 * (rolled back, or never prewritten). Source: TiKV `actions/commit.rs`.
 */
export function commit(
  reader: MvccReader,
  request: CommitRequest,
  rules: Rules = SOUND,
): CommandResult {
  const modifies: Modify[] = [];
  const { keys, startTs, commitTs } = request;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as Key;
    const lock = reader.lock(key);
    const error =
      lock === undefined || lock.startTs !== startTs
        ? checkCommitted(reader, key, startTs)
        : commitLock(lock, commitTs, modifies, rules);
    if (error !== undefined) return refused([error]);
  }
  return { modifies, errors: NO_ERRORS };
}

/** No lock of ours: either this is a repeated request, or the transaction was rolled back. */
function checkCommitted(reader: MvccReader, key: Key, startTs: number): KeyError | undefined {
  if (findCommitRecord(reader, key, startTs).kind === 'committed') return undefined;
  return { kind: 'TxnLockNotFound', key, startTs };
}

/** Commits one lock of the transaction. */
export function commitLock(
  lock: Lock,
  commitTs: number,
  modifies: Modify[],
  rules: Rules,
): KeyError | undefined {
  const { key, minCommitTs } = lock;
  if (commitTs < minCommitTs && !rules.bugs.has('txn.commitIgnoresMinCommitTs')) {
    return { kind: 'CommitTsExpired', key, minCommitTs };
  }
  putCommitRecord(lock, commitTs, modifies, rules);
  modifies.push({ kind: 'delete-lock', key });
  return undefined;
}

/**
 * Writes what a lock becomes at `commitTs`. A pessimistic lock was left by an attempt that the
 * transaction gave up: nothing was written under it, so there is nothing to commit.
 */
export function putCommitRecord(
  lock: Lock,
  commitTs: number,
  modifies: Modify[],
  rules: Rules,
): void {
  const { key, startTs, type } = lock;
  if (type === 'pessimistic' && !rules.bugs.has('txn.staleForceLockCommitted')) return;
  if (type === 'lock' && rules.bugs.has('txn.lockRecordDropped')) return;
  const remembered = lock.rollbackTs?.includes(commitTs) === true;
  const write = {
    type: writeTypeOf(type),
    startTs,
    commitTs,
    overlappedRollback: remembered && !rules.bugs.has('txn.overlappedRollbackLost'),
    protectedRollback: false,
  };
  modifies.push({ kind: 'put-write', key, write, value: lock.value });
}

function writeTypeOf(type: LockType): WriteType {
  if (type === 'put') return WRITE_PUT;
  return type === 'delete' ? WRITE_DELETE : WRITE_LOCK;
}
