import type { Key, Stored } from '../key.ts';
import type { Lock, WriteRecord, WriteType } from './records.ts';

export { MAX_TS } from '../timestamp.ts';

/**
 * What Percolator's rules read. A store implements it over typed columns; golden scripts run on the
 * same implementation.
 */
export interface MvccReader {
  /** The lock on `key`, if any. */
  lock(key: Key): Lock | undefined;
  /**
   * A cursor over the write records of one key, newest first. Reused: valid until the next call.
   */
  writes(key: Key, maxTs: number): WriteCursor;
}

/**
 * A position among the write records of one key. `valid` tells whether it stands on one; the other
 * fields speak of that record.
 */
export interface WriteCursor {
  readonly valid: boolean;
  readonly type: WriteType;
  readonly startTs: number;
  readonly commitTs: number;
  readonly overlappedRollback: boolean;
  readonly protectedRollback: boolean;
  /** Row values of a put. */
  value(): readonly Stored[];
  /** Moves to the next older record of the same key. */
  next(): void;
}

/**
 * One change to a store. Rules produce lists of these and touch nothing; the list is one Raft
 * command and is applied as one.
 */
export type Modify =
  | { readonly kind: 'put-lock'; readonly lock: Lock }
  | { readonly kind: 'delete-lock'; readonly key: Key }
  | {
      readonly kind: 'put-write';
      readonly key: Key;
      readonly write: WriteRecord;
      /** Row values of a put, else null. */
      readonly value: readonly Stored[] | null;
    }
  | { readonly kind: 'delete-write'; readonly key: Key; readonly commitTs: number };
