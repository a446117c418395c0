import { physicalMs } from '../timestamp.ts';
import { findCommitRecord } from './commit-record.ts';
import { MAX_TS, type Modify, type MvccReader } from './engine.ts';
import type { Lock } from './records.ts';
import type { CheckTxnStatusRequest, KeyError, TxnStatus } from './request.ts';
import { rollbackLock, rollbackMissingLock } from './rollback.ts';
import { NO_MODIFIES, type Rules, SOUND } from './rules.ts';

/** Outcome of a status check: exactly one of `status` and `error`. */
export interface CheckTxnStatusResult {
  readonly modifies: readonly Modify[];
  readonly status?: TxnStatus;
  readonly error?: KeyError;
}

/**
 * Asks a transaction's primary what became of the transaction. The answer is binding: an expired or
 * missing lock is rolled back on the spot, and a living one may be pushed, so that it cannot commit
 * inside the caller's snapshot.
 *
 * Errors: `TxnNotFound` (no trace and `rollbackIfNotExist` is off), `PrimaryMismatch` (the key is
 * not the primary of that transaction any more). Source: TiKV `commands/check_txn_status.rs`.
 */
export function checkTxnStatus(
  reader: MvccReader,
  request: CheckTxnStatusRequest,
  rules: Rules = SOUND,
): CheckTxnStatusResult {
  const lock = reader.lock(request.primary);
  if (lock === undefined || lock.startTs !== request.lockTs) {
    return statusWithoutLock(reader, request, lock);
  }
  const isPrimary = lock.primary.encoded === request.primary.encoded;
  if (!isPrimary && !rules.bugs.has('txn.primarySwitched')) {
    return { modifies: NO_MODIFIES, error: { kind: 'PrimaryMismatch', lock } };
  }
  // An async commit is decided by all its locks together: the primary alone may not judge it.
  if (lock.secondaries !== undefined && !request.forceSyncCommit) {
    return { modifies: NO_MODIFIES, status: alive(lock, 'NoAction') };
  }
  if (isExpired(lock, request.currentTs)) return expire(reader, request, lock, rules);
  return pushMinCommitTs(request, lock);
}

/** Whether the lock's time to live is over at `currentTs`, by the oracle's clock and no other. */
export function isExpired(lock: Lock, currentTs: number): boolean {
  return physicalMs(lock.startTs) + lock.ttlMs < physicalMs(currentTs);
}

function expire(
  reader: MvccReader,
  request: CheckTxnStatusRequest,
  lock: Lock,
  rules: Rules,
): CheckTxnStatusResult {
  // Two pessimistic locks bind no data: the transaction may be alive and its primary about to
  // change, so it is not condemned.
  if (request.resolvingPessimisticLock && lock.type === 'pessimistic') {
    const modifies: Modify[] = [{ kind: 'delete-lock', key: lock.key }];
    return { modifies, status: gone('TTLExpirePessimisticRollback') };
  }
  const modifies: Modify[] = [];
  rollbackLock(reader, lock, modifies, rules);
  return { modifies, status: gone('TTLExpireRollback') };
}

/**
 * Lets the caller read past the locks of a living transaction by forbidding it to commit at or
 * below `callerStartTs`. `currentTs` spares the next callers the same trip. A caller at 0 reads
 * nothing; a caller at the maximum reads the newest version and needs no push.
 */
function pushMinCommitTs(request: CheckTxnStatusRequest, lock: Lock): CheckTxnStatusResult {
  const caller = request.callerStartTs;
  const canPush = lock.minCommitTs > 0 && lock.secondaries === undefined && caller !== MAX_TS;
  if (canPush && caller >= lock.minCommitTs) {
    const minCommitTs = Math.max(caller + 1, request.currentTs);
    const pushed: Lock = { ...lock, minCommitTs };
    const modifies: Modify[] = [{ kind: 'put-lock', lock: pushed }];
    return { modifies, status: alive(pushed, 'MinCommitTSPushed') };
  }
  const harmless = caller === MAX_TS || (caller > 0 && lock.minCommitTs > caller);
  return {
    modifies: NO_MODIFIES,
    status: alive(lock, harmless ? 'MinCommitTSPushed' : 'NoAction'),
  };
}

function statusWithoutLock(
  reader: MvccReader,
  request: CheckTxnStatusRequest,
  standing: Lock | undefined,
): CheckTxnStatusResult {
  const { primary, lockTs: startTs } = request;
  const record = findCommitRecord(reader, primary, startTs);
  if (record.kind === 'committed') {
    const status: TxnStatus = { lockTtlMs: 0, commitTs: record.commitTs, action: 'NoAction' };
    return { modifies: NO_MODIFIES, status };
  }
  if (record.kind === 'rolled-back') return { modifies: NO_MODIFIES, status: gone('NoAction') };
  if (!request.rollbackIfNotExist) {
    return { modifies: NO_MODIFIES, error: { kind: 'TxnNotFound', primary, startTs } };
  }
  if (request.resolvingPessimisticLock) {
    return { modifies: NO_MODIFIES, status: gone('LockNotExistDoNothing') };
  }
  const modifies: Modify[] = [];
  rollbackMissingLock({ key: primary, startTs }, standing, record.overlapped, modifies);
  return { modifies, status: gone('LockNotExistRollback') };
}

function alive(lock: Lock, action: TxnStatus['action']): TxnStatus {
  return { lockTtlMs: lock.ttlMs, commitTs: 0, action, lock };
}

function gone(action: TxnStatus['action']): TxnStatus {
  return { lockTtlMs: 0, commitTs: 0, action };
}
