import type { Key } from '../key.ts';
import { findCommitRecord } from './commit-record.ts';
import type { Modify, MvccReader } from './engine.ts';
import type { Lock } from './records.ts';
import type { CheckSecondaryLocksRequest, SecondaryLocksStatus } from './request.ts';
import { rollbackMissingLock } from './rollback.ts';
import { type Rules, SOUND } from './rules.ts';

/** Outcome of a look at some keys of an async commit. */
export interface CheckSecondaryLocksResult {
  readonly modifies: readonly Modify[];
  readonly status: SecondaryLocksStatus;
}

/**
 * Asks some keys of an async commit what became of its transaction. The transaction is committed
 * if every key was prewritten, so a key without a trace must never be prewritten any more: it gets
 * a protected Rollback, and the transaction is rolled back. So does a key that carries only the
 * pessimistic lock. The first key that knows the outcome ends the command.
 *
 * The store raises its max_ts to `startTs` before, so that no calculated commit timestamp can fall
 * on the rollback; and to `currentTs`, so that a late prewrite of this transaction is cautious. See
 * `prewrite.ts`. Source: TiKV `commands/check_secondary_locks.rs`.
 */
export function checkSecondaryLocks(
  reader: MvccReader,
  request: CheckSecondaryLocksRequest,
  rules: Rules = SOUND,
): CheckSecondaryLocksResult {
  const modifies: Modify[] = [];
  const locks: Lock[] = [];
  for (const key of request.keys) {
    const lock = reader.lock(key);
    if (lock?.startTs === request.startTs && lock.type !== 'pessimistic') {
      locks.push(lock);
      continue;
    }
    const status = settleMissing(reader, { key, startTs: request.startTs }, lock, modifies, rules);
    return { modifies, status };
  }
  return { modifies, status: { kind: 'locked', locks } };
}

function settleMissing(
  reader: MvccReader,
  target: { readonly key: Key; readonly startTs: number },
  lock: Lock | undefined,
  modifies: Modify[],
  rules: Rules,
): SecondaryLocksStatus {
  const record = findCommitRecord(reader, target.key, target.startTs);
  if (record.kind === 'committed') return { kind: 'committed', commitTs: record.commitTs };
  const isOwn = lock?.startTs === target.startTs;
  if (isOwn) modifies.push({ kind: 'delete-lock', key: target.key });
  if (record.kind === 'none' && !rules.bugs.has('txn.secondaryCheckLeavesNoRollback')) {
    rollbackMissingLock(target, isOwn ? undefined : lock, record.overlapped, modifies);
  }
  return { kind: 'rolled-back' };
}
