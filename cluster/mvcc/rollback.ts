import type { Key } from '../key.ts';
import { findCommitRecord, type OverlappedWrite } from './commit-record.ts';
import type { Modify, MvccReader } from './engine.ts';
import { type Lock, WRITE_ROLLBACK, type WriteRecord } from './records.ts';
import type { BatchRollbackRequest, KeyError } from './request.ts';
import { type CommandResult, NO_ERRORS, type Rules, refused, SOUND } from './rules.ts';

/**
 * Rolls back keys of one transaction and leaves Rollback records, so that a prewrite still on its
 * way is refused. Error: `Committed`. Rolling back again is harmless. Source: TiKV
 * `commands/rollback.rs`.
 */
export function batchRollback(
  reader: MvccReader,
  request: BatchRollbackRequest,
  rules: Rules = SOUND,
): CommandResult {
  const modifies: Modify[] = [];
  const { keys, startTs } = request;
  for (let i = 0; i < keys.length; i++) {
    const error = cleanupKey(reader, keys[i] as Key, startTs, modifies, rules);
    if (error !== undefined) return refused([error]);
  }
  return { modifies, errors: NO_ERRORS };
}

/** Rolls one key back, whether its lock stands or not. Source: TiKV `actions/cleanup.rs`. */
export function cleanupKey(
  reader: MvccReader,
  key: Key,
  startTs: number,
  modifies: Modify[],
  rules: Rules,
): KeyError | undefined {
  const lock = reader.lock(key);
  if (lock !== undefined && lock.startTs === startTs) {
    rollbackLock(reader, lock, modifies, rules);
    return undefined;
  }
  const record = findCommitRecord(reader, key, startTs);
  if (record.kind === 'committed') {
    return { kind: 'Committed', key, startTs, commitTs: record.commitTs };
  }
  if (record.kind === 'rolled-back') return undefined;
  collapsePreviousRollback(reader, key, startTs, modifies, rules);
  putRollback({ key, startTs, isProtected: false }, record.overlapped, modifies);
  return undefined;
}

/**
 * Removes a lock and leaves a Rollback record. Only the primary of a pessimistic transaction is
 * protected: an optimistic prewrite that comes late is refused by whichever newer record collapsed
 * its own, while a pessimistic one looks no further down than its forUpdateTs.
 */
export function rollbackLock(
  reader: MvccReader,
  lock: Lock,
  modifies: Modify[],
  rules: Rules,
): void {
  const { key, startTs } = lock;
  const record = findCommitRecord(reader, key, startTs);
  // With an outcome on record this lock is the work of a prewrite that came twice: the outcome
  // stands.
  if (record.kind === 'none') {
    const isProtected = lock.forUpdateTs > 0 && key.encoded === lock.primary.encoded;
    collapsePreviousRollback(reader, key, startTs, modifies, rules);
    putRollback({ key, startTs, isProtected }, record.overlapped, modifies);
  }
  modifies.push({ kind: 'delete-lock', key });
}

/**
 * Writes a protected Rollback on a key that carries no lock of the transaction, so that it can
 * never be prewritten there. `standing` is another transaction's lock on the key: if that one may
 * yet commit at exactly our startTs, its lock must remember us, or its commit record would bury our
 * rollback.
 */
export function rollbackMissingLock(
  target: { readonly key: Key; readonly startTs: number },
  standing: Lock | undefined,
  overlapped: OverlappedWrite | undefined,
  modifies: Modify[],
): void {
  const { key, startTs } = target;
  if (standing !== undefined && overlapped === undefined && standing.minCommitTs <= startTs) {
    const rollbackTs = [...(standing.rollbackTs ?? []), startTs];
    modifies.push({ kind: 'put-lock', lock: { ...standing, rollbackTs } });
  }
  putRollback({ key, startTs, isProtected: true }, overlapped, modifies);
}

/**
 * Where another's commit took the place, only a protected rollback survives, as a flag. The other
 * kind is a courtesy: without it a late prewrite leaves a lock that nobody will commit.
 */
function putRollback(
  target: { readonly key: Key; readonly startTs: number; readonly isProtected: boolean },
  overlapped: OverlappedWrite | undefined,
  modifies: Modify[],
): void {
  const { key, startTs, isProtected } = target;
  if (overlapped === undefined) {
    const write: WriteRecord = {
      type: WRITE_ROLLBACK,
      startTs,
      commitTs: startTs,
      overlappedRollback: false,
      protectedRollback: isProtected,
    };
    modifies.push({ kind: 'put-write', key, write, value: null });
  } else if (isProtected) {
    const write = { ...overlapped.write, overlappedRollback: true };
    modifies.push({ kind: 'put-write', key, write, value: overlapped.value });
  }
}

/**
 * Keeps a key that is rolled back again and again from growing: the record just below the new one
 * goes if it is an unprotected rollback.
 */
function collapsePreviousRollback(
  reader: MvccReader,
  key: Key,
  startTs: number,
  modifies: Modify[],
  rules: Rules,
): void {
  const previous = reader.writes(key, startTs);
  if (!previous.valid || previous.type !== WRITE_ROLLBACK) return;
  if (previous.protectedRollback && !rules.bugs.has('txn.rollbackCollapsed')) return;
  modifies.push({ kind: 'delete-write', key, commitTs: previous.commitTs });
}
