import type { Key } from '../key.ts';
import { commitLock } from './commit.ts';
import type { Modify, MvccReader } from './engine.ts';
import type { ResolveLockRequest } from './request.ts';
import { cleanupKey } from './rollback.ts';
import { type CommandResult, NO_ERRORS, type Rules, refused, SOUND } from './rules.ts';

/** A request whose keys are known: named by the client, or found by scanning the region's locks. */
export interface ResolveLockKeys extends ResolveLockRequest {
  readonly keys: readonly Key[];
}

/**
 * Finishes what a decided transaction left behind: commits (`commitTs` > 0) or rolls back its locks
 * on `keys`. The decision was read from the primary by {@link checkTxnStatus}; this command trusts
 * it. Source: TiKV `commands/resolve_lock.rs` and `resolve_lock_lite.rs`.
 */
export function resolveLock(
  reader: MvccReader,
  request: ResolveLockKeys,
  rules: Rules = SOUND,
): CommandResult {
  const modifies: Modify[] = [];
  const { keys, startTs, commitTs } = request;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as Key;
    const error =
      commitTs > 0
        ? commitIfLocked(reader, key, request, modifies, rules)
        : cleanupKey(reader, key, startTs, modifies, rules);
    if (error !== undefined) return refused([error]);
  }
  return { modifies, errors: NO_ERRORS };
}

/** A lock that is gone was committed by its owner or by another reader in the meantime. */
function commitIfLocked(
  reader: MvccReader,
  key: Key,
  request: ResolveLockRequest,
  modifies: Modify[],
  rules: Rules,
): ReturnType<typeof commitLock> {
  const lock = reader.lock(key);
  if (lock === undefined || lock.startTs !== request.startTs) return undefined;
  return commitLock(lock, request.commitTs, modifies, rules);
}
