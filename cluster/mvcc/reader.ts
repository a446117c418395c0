import type { Key } from '../key.ts';
import { MAX_TS, type MvccReader, type WriteCursor } from './engine.ts';
import { type Lock, WRITE_DELETE, WRITE_PUT } from './records.ts';
import type { LockedValue } from './request.ts';

/**
 * Whether a snapshot read at `readTs` must stop at `lock`, because its transaction may still commit
 * at or before `readTs`. `bypass` names transactions the reader already knows to be rolled back or
 * to commit later. Source: TiKV `Lock::check_ts_conflict` for snapshot isolation.
 */
export function blocksRead(lock: Lock, readTs: number, bypass: readonly number[]): boolean {
  if (lock.startTs > readTs || lock.minCommitTs > readTs) return false;
  if (lock.type === 'lock' || lock.type === 'pessimistic') return false;
  if (bypass.includes(lock.startTs)) return false;
  // "The newest" on one key: an undecided primary has not committed yet, so the version before it
  // is the newest there is. An async commit may be decided without the primary knowing.
  return !(
    readTs === MAX_TS &&
    lock.secondaries === undefined &&
    lock.key.encoded === lock.primary.encoded
  );
}

/** The lock on `key` that a read at `readTs` must wait for or resolve, if any. */
export function blockingLock(
  reader: MvccReader,
  key: Key,
  readTs: number,
  bypass: readonly number[],
): Lock | undefined {
  const lock = reader.lock(key);
  return lock !== undefined && blocksRead(lock, readTs, bypass) ? lock : undefined;
}

/**
 * The row values of `key` at `readTs`; undefined where it does not exist. Looks at committed
 * records only: ask {@link blockingLock} first.
 */
export function visibleValue(reader: MvccReader, key: Key, readTs: number): LockedValue {
  const cursor = reader.writes(key, readTs);
  return existsAt(cursor) ? cursor.value() : undefined;
}

/**
 * Moves the cursor down to the newest put or delete, and tells whether it is a put. Lock and
 * Rollback records say nothing of the value; taking one for a deletion makes locked rows vanish.
 */
export function existsAt(cursor: WriteCursor): boolean {
  while (cursor.valid) {
    if (cursor.type === WRITE_PUT) return true;
    if (cursor.type === WRITE_DELETE) return false;
    cursor.next();
  }
  return false;
}
