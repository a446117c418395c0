import type { Key } from '../key.ts';
import type { Modify, MvccReader } from './engine.ts';
import type { PessimisticRollbackRequest } from './request.ts';
import { type CommandResult, NO_ERRORS } from './rules.ts';

/**
 * Releases pessimistic locks a statement no longer wants. Leaves no record, since the transaction
 * goes on and may lock the same key again; and leaves locks with a greater forUpdateTs, which a
 * later attempt took while this request was on its way. Source: TiKV
 * `commands/pessimistic_rollback.rs`.
 */
export function pessimisticRollback(
  reader: MvccReader,
  request: PessimisticRollbackRequest,
): CommandResult {
  const modifies: Modify[] = [];
  const { keys, startTs, forUpdateTs } = request;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as Key;
    const lock = reader.lock(key);
    if (lock === undefined || lock.type !== 'pessimistic' || lock.startTs !== startTs) continue;
    if (lock.forUpdateTs <= forUpdateTs) modifies.push({ kind: 'delete-lock', key });
  }
  return { modifies, errors: NO_ERRORS };
}
