import type { Key, Stored } from '../../key.ts';
import type { Mutation } from '../../mvcc/request.ts';
import { composeTs } from '../../timestamp.ts';
import type { CommitProtocols } from '../transaction.ts';

/** Classic two-phase commit and nothing else. */
export const TWO_PHASE: CommitProtocols = { asyncCommit: false, onePc: false };

/** `async-commit.keys-limit`. */
const ASYNC_KEYS = 256;
/** `async-commit.total-key-size-limit`: the primary's lock names all keys. */
const ASYNC_KEY_BYTES = 4096;
/** `txnCommitBatchSize`: what one prewrite request holds. */
const BATCH_BYTES = 16 * 1024;
/** `async-commit.safe-window`, ms: how far ahead a commit timestamp may be calculated. */
const SAFE_WINDOW_MS = 2000;

/** A key is encoded in 16-bit units. */
const BYTES_PER_UNIT = 2;

/** Whether the keys are few and short enough for async commit. */
export function allowsAsyncCommit(mutations: readonly Mutation[]): boolean {
  if (mutations.length > ASYNC_KEYS) return false;
  let bytes = 0;
  for (let i = 0; i < mutations.length; i++) {
    bytes += (mutations[i] as Mutation).key.encoded.length * BYTES_PER_UNIT;
  }
  return bytes <= ASYNC_KEY_BYTES;
}

/** Whether one prewrite request may hold all of a transaction, as 1PC needs it. */
export function fitsOneBatch(mutations: readonly Mutation[]): boolean {
  let bytes = 0;
  for (let i = 0; i < mutations.length; i++) {
    const { key, value } = mutations[i] as Mutation;
    bytes += key.encoded.length * BYTES_PER_UNIT + (value === null ? 0 : bytesOf(value));
    if (bytes > BATCH_BYTES) return false;
  }
  return true;
}

function bytesOf(values: readonly Stored[]): number {
  let bytes = 0;
  for (const value of values) bytes += typeof value === 'string' ? value.length : 8;
  return bytes;
}

/** What the primary's lock names: every other key that will carry a lock. */
export function secondariesOf(mutations: readonly Mutation[], primary: Key): readonly Key[] {
  const keys: Key[] = [];
  for (let i = 0; i < mutations.length; i++) {
    const { key, op } = mutations[i] as Mutation;
    if (op !== 'check-not-exists' && key.encoded !== primary.encoded) keys.push(key);
  }
  return keys;
}

/**
 * The greatest commit timestamp a store may calculate for a transaction that began `elapsedMs` ago.
 * Beyond it the schema may have changed, and the locks' time to live be over.
 */
export function maxCommitTs(startTs: number, elapsedMs: number): number {
  return startTs + composeTs(elapsedMs + SAFE_WINDOW_MS, 0);
}

/**
 * The least time to live of an async commit's locks, ms from its start. Locks that expired before
 * `maxCommitTs` could be rolled back while a prewrite still succeeds elsewhere, and the client
 * would report as committed what is not (tidb issue 33641).
 */
export function leastTtlMs(elapsedMs: number): number {
  return elapsedMs + SAFE_WINDOW_MS;
}
