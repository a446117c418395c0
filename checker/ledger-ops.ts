/**
 * What the ledger case writes into the history and its checks read out of it: the values of its
 * operations, by `f`. All plain JSON.
 *
 * | f | outcome | value |
 * |---|---|---|
 * | `load` | ok, fail | {@link LoadValue}: a batch of accounts with their first rows |
 * | `transfer` | ok, fail, info | {@link TransferValue}: one posting |
 * | `verify` | ok, fail | {@link VerifyValue}: the sum over all last balances |
 * | `progress` | ok, fail | {@link ProgressValue}: did this client succeed again after the heal |
 * | `admin-check` | ok, fail | none: ADMIN CHECK TABLE |
 * | `read` | ok, fail | {@link ReadValue}: a slice of the whole table, all slices of one snapshot |
 * | `reading` | ok, fail | {@link ReadingValue}: one query twice, under a quota and without one |
 */

/** Names of the ledger's operations. */
export const LEDGER_F = {
  load: 'load',
  transfer: 'transfer',
  verify: 'verify',
  progress: 'progress',
  adminCheck: 'admin-check',
  read: 'read',
  reading: 'reading',
} as const;

/** Accounts `from` to `until` (exclusive) were given their first row. */
export interface LoadValue {
  readonly from: number;
  readonly until: number;
}

/** One posting: `amount` goes to account `a` and is taken from account `b`. */
export interface TransferValue {
  /** Posting group, a decimal string: 63 bits. */
  readonly group: string;
  readonly a: number;
  readonly b: number;
  readonly amount: number;
  /** Causality ids the client wrote, last seen plus one; null if it never got that far. */
  readonly cidA: number | null;
  readonly cidB: number | null;
}

/** The answer of a verification; null value in operations that failed. */
export interface VerifyValue {
  /** SUM of the last balances, a decimal string; null if the database answered NULL. */
  readonly total: string | null;
  /** The same sum from a plain scan of the same snapshot; made only when `total` is not 0. */
  readonly scanTotal?: string;
}

/** Whether a client succeeded again once all was healed. */
export interface ProgressValue {
  /** `worker-17` or `verifier`. */
  readonly client: string;
  /** Operations it tried. */
  readonly attempts: number;
  /** Virtual time it had, in µs. */
  readonly boundUs: number;
}

/** One query at one snapshot, first under a quota, then without any. */
export interface ReadingValue {
  /** Which query: `sort`, `join`, … */
  readonly kind: string;
  /** Bytes; null for the quota that everybody has. */
  readonly quota: number | null;
  /** What was answered under the quota, shortened; absent if that failed. */
  readonly answer?: string;
  /** What was answered without. */
  readonly unlimited?: string;
}

/** Client name of the verifier in {@link ProgressValue}. */
export const VERIFIER = 'verifier';

/** An integer that was read: a decimal string beyond 2^53, null if NULL. */
export type ReadInteger = number | string | null;

/** A slice of the table as parallel arrays, one entry a row. */
export interface ReadValue {
  /**
   * Reading that the slice belongs to, from 1: a reading that broke off starts again as the next.
   */
  readonly attempt: number;
  /** Whether it is the last slice of its reading. */
  readonly last: boolean;
  /** N for `accN`, the text itself for any other account. */
  readonly accounts: readonly (number | string)[];
  readonly groups: readonly string[];
  readonly cids: readonly ReadInteger[];
  readonly amounts: readonly ReadInteger[];
  readonly balances: readonly ReadInteger[];
}

/** How an error begins by which TiDB says that an index does not match its rows. */
export const INDEX_MISMATCH = /^(8003|8133|8134|8138|8139|8140|8141|8223) /;
