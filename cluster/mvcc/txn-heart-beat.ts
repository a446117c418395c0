import type { Modify, MvccReader } from './engine.ts';
import type { KeyError, TxnHeartBeatRequest } from './request.ts';
import { NO_MODIFIES } from './rules.ts';

/** Outcome of a heartbeat: the lock's TTL now (0 with an error). */
export interface HeartBeatResult {
  readonly modifies: readonly Modify[];
  readonly ttlMs: number;
  readonly error?: KeyError;
}

/**
 * Raises the TTL of the primary lock, never lowers it. Error: `TxnNotFound`, the transaction is
 * over. Source: TiKV `commands/txn_heart_beat.rs`.
 */
export function txnHeartBeat(reader: MvccReader, request: TxnHeartBeatRequest): HeartBeatResult {
  const { primary, startTs, adviseTtlMs } = request;
  const lock = reader.lock(primary);
  if (lock === undefined || lock.startTs !== startTs) {
    const error: KeyError = { kind: 'TxnNotFound', primary, startTs };
    return { modifies: NO_MODIFIES, ttlMs: 0, error };
  }
  if (lock.ttlMs >= adviseTtlMs) return { modifies: NO_MODIFIES, ttlMs: lock.ttlMs };
  const raised: Modify = { kind: 'put-lock', lock: { ...lock, ttlMs: adviseTtlMs } };
  return { modifies: [raised], ttlMs: adviseTtlMs };
}
