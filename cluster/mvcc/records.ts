import type { Key, Stored } from '../key.ts';

/** What a lock will become at commit; `pessimistic` becomes nothing unless prewritten over. */
export type LockType = 'put' | 'delete' | 'lock' | 'pessimistic';

/**
 * A promise that `key` belongs to the transaction that began at `startTs`. At most one per key.
 * Source: Percolator §2.2; TiKV `txn_types::Lock`.
 */
export interface Lock {
  readonly key: Key;
  readonly type: LockType;
  readonly primary: Key;
  readonly startTs: number;
  /** Milliseconds, counted from the physical part of `startTs`. */
  readonly ttlMs: number;
  /** 0 for an optimistic lock. */
  readonly forUpdateTs: number;
  /** The transaction may not commit below this; readers push it. */
  readonly minCommitTs: number;
  /**
   * Mutations of the whole transaction; tells the client whether to resolve by key or by region.
   */
  readonly txnSize: number;
  /** Row values of a `put`; null otherwise. */
  readonly value: readonly Stored[] | null;
  /**
   * Async commit: on the primary all secondaries, on these an empty list; undefined for classic
   * two-phase commit (`use_async_commit` is whether it is there).
   */
  readonly secondaries?: readonly Key[] | undefined;
  /** Start timestamps of transactions rolled back on this key while the lock stood on it. */
  readonly rollbackTs?: readonly number[] | undefined;
}

/** Kinds of write record, small integers because leaves store them in a byte. */
export const WRITE_PUT = 0;
/** The key was removed. */
export const WRITE_DELETE = 1;
/** The key was locked and left unchanged: a reader skips it, a conflict check must not. */
export const WRITE_LOCK = 2;
/** The transaction that began at this record's timestamp never committed here. */
export const WRITE_ROLLBACK = 3;

/** One of the four kinds. */
export type WriteType =
  | typeof WRITE_PUT
  | typeof WRITE_DELETE
  | typeof WRITE_LOCK
  | typeof WRITE_ROLLBACK;

/** A record of the write column family. A rollback record has `commitTs` = `startTs`. */
export interface WriteRecord {
  readonly type: WriteType;
  readonly startTs: number;
  readonly commitTs: number;
  /** A commit record that shares its timestamp with another transaction's rollback. */
  readonly overlappedRollback: boolean;
  /** A rollback that may not be collapsed. */
  readonly protectedRollback: boolean;
}
