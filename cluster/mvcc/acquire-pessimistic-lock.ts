import type { Key } from '../key.ts';
import { MAX_TS, type Modify, type MvccReader, type WriteCursor } from './engine.ts';
import { existsAt } from './reader.ts';
import { type Lock, WRITE_DELETE, WRITE_LOCK, WRITE_PUT, WRITE_ROLLBACK } from './records.ts';
import type { KeyError, LockedValue, PessimisticLockRequest } from './request.ts';
import { type CommandResult, NO_ERRORS, NO_MODIFIES, type Rules, SOUND } from './rules.ts';

/** Outcome of a lock request. `values` are parallel to the keys, empty if not asked for. */
export interface AcquireResult extends CommandResult {
  readonly values: readonly LockedValue[];
}

/**
 * Locks keys for a statement of a pessimistic transaction, all of them or none, and returns their
 * newest values: a locking read sees the present, not the snapshot of the transaction.
 *
 * Errors, the first one ends the command: `KeyIsLocked` (wait, then send again), `WriteConflict`
 * (execute the statement again with a newer forUpdateTs), `AlreadyExist`,
 * `PessimisticLockRolledBack` and `LockTypeNotMatch` (the transaction is over). Source: TiKV
 * `actions/acquire_pessimistic_lock.rs`.
 */
export function acquirePessimisticLock(
  reader: MvccReader,
  request: PessimisticLockRequest,
  rules: Rules = SOUND,
): AcquireResult {
  const modifies: Modify[] = [];
  const values: LockedValue[] = [];
  const keys = request.keys;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as Key;
    const held = reader.lock(key);
    const error =
      (held === undefined ? undefined : checkHeld(request, key, held)) ??
      checkRecords(reader, request, i, held === undefined, values, rules);
    if (error !== undefined) return { modifies: NO_MODIFIES, values: [], errors: [error] };
    if (held === undefined || held.forUpdateTs < request.forUpdateTs) {
      modifies.push({ kind: 'put-lock', lock: pessimisticLock(request, key, held) });
    }
  }
  return { modifies, values, errors: NO_ERRORS };
}

function checkHeld(request: PessimisticLockRequest, key: Key, held: Lock): KeyError | undefined {
  if (held.startTs !== request.startTs) return { kind: 'KeyIsLocked', lock: held };
  if (held.type === 'pessimistic') return undefined;
  return { kind: 'LockTypeNotMatch', key, startTs: request.startTs };
}

/**
 * Looks at the write records of the `i`-th key: no newer ones (unless the lock was held all along),
 * this transaction not rolled back, absence where it was demanded; then reads the value.
 */
function checkRecords(
  reader: MvccReader,
  request: PessimisticLockRequest,
  i: number,
  fresh: boolean,
  values: LockedValue[],
  rules: Rules,
): KeyError | undefined {
  const key = request.keys[i] as Key;
  const cursor = reader.writes(key, MAX_TS);
  const error = fresh ? checkConflict(cursor, request, key, rules) : undefined;
  if (error !== undefined) return error;
  const { startTs, returnValues } = request;
  const shouldNotExist = request.shouldNotExist[i] === true;
  let exists: boolean | undefined;
  let value: LockedValue;
  // One walk down to startTs serves both: the value is at the newest put or delete, a rollback of
  // ours at startTs.
  for (; cursor.valid && cursor.commitTs >= startTs; cursor.next()) {
    if (exists === undefined && (cursor.type === WRITE_PUT || cursor.type === WRITE_DELETE)) {
      exists = cursor.type === WRITE_PUT;
      if (exists && returnValues) value = cursor.value();
    }
    if (cursor.commitTs > startTs) continue;
    if (cursor.type === WRITE_ROLLBACK || cursor.overlappedRollback) {
      return { kind: 'PessimisticLockRolledBack', key, startTs };
    }
  }
  if (exists === undefined && (returnValues || shouldNotExist)) {
    exists = existsAt(cursor);
    if (exists && returnValues) value = cursor.value();
  }
  if (shouldNotExist && exists === true) return { kind: 'AlreadyExist', key };
  if (returnValues) values.push(value);
  return undefined;
}

/**
 * A record newer than what the statement read means it read too early. Records of every type count.
 * A Lock record carries no value, yet its transaction may have decided on the strength of holding
 * this very lock: the ledger inserts a new last row while it holds the old one.
 */
function checkConflict(
  cursor: WriteCursor,
  request: PessimisticLockRequest,
  key: Key,
  rules: Rules,
): KeyError | undefined {
  const { startTs, forUpdateTs } = request;
  if (rules.bugs.has('txn.conflictCheckIgnoresLockType')) skipLockRecords(cursor);
  if (!cursor.valid || cursor.commitTs <= forUpdateTs) return undefined;
  // Without this the retried statement with its old forUpdateTs would meet the same conflict for
  // ever.
  if (request.retry === true && rules.bugs.has('txn.staleForUpdateTs')) return undefined;
  return {
    kind: 'WriteConflict',
    key,
    startTs,
    conflictStartTs: cursor.startTs,
    conflictCommitTs: cursor.commitTs,
    reason: 'PessimisticRetry',
  };
}

/** Only the mutant skips them. */
function skipLockRecords(cursor: WriteCursor): void {
  while (cursor.valid && cursor.type === WRITE_LOCK) cursor.next();
}

function pessimisticLock(request: PessimisticLockRequest, key: Key, held: Lock | undefined): Lock {
  return {
    key,
    type: 'pessimistic',
    primary: request.primary,
    startTs: request.startTs,
    ttlMs: Math.max(request.ttlMs, held?.ttlMs ?? 0),
    forUpdateTs: request.forUpdateTs,
    minCommitTs: Math.max(request.forUpdateTs + 1, held?.minCommitTs ?? 0),
    txnSize: 0,
    value: null,
    secondaries: undefined,
    rollbackTs: held?.rollbackTs,
  };
}
