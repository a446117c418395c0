/**
 * Timestamps of the oracle: `physical milliseconds × 2^18 + logical`. Virtual time begins at 0, so
 * they stay exact in a double for 397 days. Source: TiKV `txn_types::TimeStamp`.
 */

/** 2^18 logical values a millisecond. */
export const LOGICAL_PER_MS = 262144;

/**
 * The oracle's milliseconds at virtual time 0: a clock that is set back must not go below 0 at the
 * very start.
 */
export const TSO_START_MS = 1000;

/** Joins the two parts. Fails beyond 2^53. */
export function composeTs(physicalMs: number, logical: number): number {
  const ts = physicalMs * LOGICAL_PER_MS + logical;
  if (!Number.isSafeInteger(ts)) throw new Error(`timestamp ${physicalMs} ms is out of range`);
  return ts;
}

/** Milliseconds of a timestamp. */
export function physicalMs(ts: number): number {
  return Math.floor(ts / LOGICAL_PER_MS);
}

/** A timestamp above every other: "the newest". */
export const MAX_TS = Number.MAX_SAFE_INTEGER;
