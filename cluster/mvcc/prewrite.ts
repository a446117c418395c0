import type { Key } from '../key.ts';
import { MAX_TS, type Modify, type MvccReader } from './engine.ts';
import { existsAt } from './reader.ts';
import { type Lock, type LockType, WRITE_ROLLBACK } from './records.ts';
import type { KeyError, Mutation, MutationOp, PrewriteRequest } from './request.ts';
import { type CommandResult, NO_ERRORS, refused } from './rules.ts';

/**
 * First phase of two-phase commit: turns buffered mutations into locks that carry their values.
 *
 * Every `KeyIsLocked` of the request is reported, so that the client resolves all of them in one
 * go; any other error ends the command at once, because no retry of this transaction can mend it.
 * Source: TiKV `actions/prewrite.rs`.
 */
export function prewrite(reader: MvccReader, request: PrewriteRequest): CommandResult {
  const modifies: Modify[] = [];
  let locked: KeyError[] | undefined;
  const mutations = request.mutations;
  for (let i = 0; i < mutations.length; i++) {
    const error = prewriteKey(reader, request, mutations[i] as Mutation, modifies);
    if (error === undefined) continue;
    if (error.kind !== 'KeyIsLocked') return refused([error]);
    if (locked === undefined) locked = [error];
    else locked.push(error);
  }
  return locked === undefined ? { modifies, errors: NO_ERRORS } : refused(locked);
}

function prewriteKey(
  reader: MvccReader,
  request: PrewriteRequest,
  mutation: Mutation,
  modifies: Modify[],
): KeyError | undefined {
  const { key, op } = mutation;
  const startTs = request.startTs;
  const lock = reader.lock(key);
  if (lock !== undefined && lock.startTs !== startTs) {
    // A pessimistic transaction that finds another's lock on its key has lost its own: waiting for
    // that other transaction would not bring it back.
    if (mutation.pessimisticLock) return { kind: 'PessimisticLockNotFound', key, startTs };
    return { kind: 'KeyIsLocked', lock };
  }
  if (lock !== undefined && lock.type !== 'pessimistic') return undefined;
  if (lock !== undefined && request.forUpdateTs === 0) {
    return { kind: 'LockTypeNotMatch', key, startTs };
  }
  const error =
    mutation.pessimisticLock === false
      ? checkNewerVersion(reader, request, mutation)
      : lock === undefined
        ? amendPessimisticLock(reader, key, startTs)
        : undefined;
  if (error === undefined && op !== 'check-not-exists') {
    modifies.push({ kind: 'put-lock', lock: prewriteLock(request, mutation, lock) });
  }
  return error;
}

/**
 * A lost pessimistic lock (leader crash, expired TTL) may be taken again if nothing at all happened
 * to the key since the transaction began. Lock and Rollback records count: a Lock record is the
 * only trace of somebody who used this key as a mutex.
 */
function amendPessimisticLock(reader: MvccReader, key: Key, startTs: number): KeyError | undefined {
  const newest = reader.writes(key, MAX_TS);
  if (!newest.valid || newest.commitTs < startTs) return undefined;
  return { kind: 'PessimisticLockNotFound', key, startTs };
}

/**
 * The version check of a key without a pessimistic lock. Keys that a pessimistic transaction did
 * not lock (entries of non-unique indexes) follow the fate of keys it did lock, so they are not
 * checked; but a request sent twice may arrive after its own transaction committed and another one
 * wrote.
 */
function checkNewerVersion(
  reader: MvccReader,
  request: PrewriteRequest,
  mutation: Mutation,
): KeyError | undefined {
  const { key, op } = mutation;
  const { startTs, forUpdateTs } = request;
  const mustBeAbsent = op === 'insert' || op === 'check-not-exists';
  const pessimistic = forUpdateTs > 0;
  if (pessimistic && !request.isRetry && !mustBeAbsent) return undefined;
  const newest = reader.writes(key, MAX_TS);
  if (!newest.valid) return undefined;
  const { type, commitTs } = newest;
  if (commitTs === startTs && (type === WRITE_ROLLBACK || newest.overlappedRollback)) {
    return conflict(key, startTs, newest.startTs, commitTs, 'SelfRolledBack');
  }
  if (!pessimistic && commitTs > startTs) {
    return conflict(key, startTs, newest.startTs, commitTs, 'Optimistic');
  }
  if (pessimistic && request.isRetry && commitTs > forUpdateTs && type !== WRITE_ROLLBACK) {
    return { kind: 'PessimisticLockNotFound', key, startTs };
  }
  return mustBeAbsent && existsAt(newest) ? { kind: 'AlreadyExist', key } : undefined;
}

function conflict(
  key: Key,
  startTs: number,
  conflictStartTs: number,
  conflictCommitTs: number,
  reason: 'Optimistic' | 'SelfRolledBack',
): KeyError {
  return { kind: 'WriteConflict', key, startTs, conflictStartTs, conflictCommitTs, reason };
}

/**
 * TTL and minCommitTs may have been pushed on the pessimistic lock it replaces: never lower them.
 */
function prewriteLock(
  request: PrewriteRequest,
  mutation: Mutation,
  replaced: Lock | undefined,
): Lock {
  const type = lockTypeOf(mutation.op);
  const lock: Lock = {
    key: mutation.key,
    type,
    primary: request.primary,
    startTs: request.startTs,
    ttlMs: Math.max(request.ttlMs, replaced?.ttlMs ?? 0),
    forUpdateTs: request.forUpdateTs,
    minCommitTs: Math.max(request.minCommitTs, replaced?.minCommitTs ?? 0),
    txnSize: request.txnSize,
    value: type === 'put' ? mutation.value : null,
  };
  return replaced?.rollbackTs === undefined ? lock : { ...lock, rollbackTs: replaced.rollbackTs };
}

function lockTypeOf(op: MutationOp): LockType {
  if (op === 'delete') return 'delete';
  return op === 'lock' ? 'lock' : 'put';
}
