import type { Key } from '../cluster/key.ts';
import type {
  KeyError,
  Lock,
  LockedValue,
  SecondaryLocksStatus,
  TxnStatus,
} from '../cluster/mvcc/index.ts';
import { LOGICAL_PER_MS } from '../cluster/timestamp.ts';
import type { StoredWrite } from './memory-engine.ts';
import { nameOf } from './mvcc-world.ts';

const WRITE_NAMES = ['put', 'delete', 'lock', 'rollback'];

/** A small timestamp as a number, a later one as milliseconds. */
export function shownTs(ts: number): string {
  return ts < LOGICAL_PER_MS ? String(ts) : `${Math.floor(ts / LOGICAL_PER_MS)}ms`;
}

/** `a → 1`, or `a → none`. */
export function shownValue(name: string, value: LockedValue): string {
  return `${name} → ${value === undefined ? 'none' : value.join(',')}`;
}

/** A line of a dump: one lock, with the fields that are not at their default. */
export function shownLock(lock: Lock): string {
  const parts = [`lock ${nameOf(lock.key)} ${lock.type}`, `start=${shownTs(lock.startTs)}`];
  parts.push(`primary=${nameOf(lock.primary)}`, `ttl=${lock.ttlMs}ms`);
  if (lock.forUpdateTs > 0) parts.push(`for_update=${shownTs(lock.forUpdateTs)}`);
  if (lock.minCommitTs > 0) parts.push(`min_commit=${shownTs(lock.minCommitTs)}`);
  if (lock.secondaries !== undefined) parts.push(`async=[${lock.secondaries.map(nameOf)}]`);
  if (lock.rollbackTs !== undefined) parts.push(`rollbacks=${lock.rollbackTs.map(shownTs)}`);
  if (lock.value !== null) parts.push(`→ ${lock.value.join(',')}`);
  return parts.join(' ');
}

/** A line of a dump: one write record. */
export function shownWrite(key: Key, write: StoredWrite): string {
  const parts = [`write ${nameOf(key)} commit=${shownTs(write.commitTs)}`];
  if (write.startTs !== write.commitTs) parts.push(`start=${shownTs(write.startTs)}`);
  parts.push(WRITE_NAMES[write.type] ?? '');
  if (write.protectedRollback) parts.push('protected');
  if (write.overlappedRollback) parts.push('overlapped-rollback');
  if (write.value !== null) parts.push(`→ ${write.value.join(',')}`);
  return parts.join(' ');
}

/** What CheckTxnStatus learnt. */
export function shownStatus({ lockTtlMs, commitTs, action }: TxnStatus): string {
  const why = action === 'NoAction' ? '' : ` (${action})`;
  if (lockTtlMs > 0) return `alive ttl=${lockTtlMs}ms${why}`;
  return commitTs > 0 ? `committed ${shownTs(commitTs)}` : `rolled back${why}`;
}

/** What CheckSecondaryLocks learnt. */
export function shownSecondaries(status: SecondaryLocksStatus): readonly string[] {
  if (status.kind === 'locked') return status.locks.map(shownLock);
  return [status.kind === 'committed' ? `committed ${shownTs(status.commitTs)}` : 'rolled back'];
}

/** An error as scripts show it. */
export function shownError(error: KeyError): string {
  switch (error.kind) {
    case 'KeyIsLocked':
    case 'PrimaryMismatch': {
      const { key, startTs, primary } = error.lock;
      return `${error.kind} ${nameOf(key)} start=${shownTs(startTs)} primary=${nameOf(primary)}`;
    }
    case 'WriteConflict': {
      const { key, conflictStartTs, conflictCommitTs, reason } = error;
      const record = `start=${shownTs(conflictStartTs)} commit=${shownTs(conflictCommitTs)}`;
      return `WriteConflict ${nameOf(key)} with ${record} (${reason})`;
    }
    case 'AlreadyExist':
      return `AlreadyExist ${nameOf(error.key)}`;
    case 'CommitTsExpired':
      return `CommitTsExpired ${nameOf(error.key)} min_commit=${shownTs(error.minCommitTs)}`;
    case 'Committed':
      return `Committed ${nameOf(error.key)} commit=${shownTs(error.commitTs)}`;
    case 'TxnNotFound':
      return `TxnNotFound ${nameOf(error.primary)} start=${shownTs(error.startTs)}`;
    case 'Deadlock':
      return `Deadlock ${nameOf(error.key)} with ${shownTs(error.lockTs)}`;
    default:
      return `${error.kind} ${nameOf(error.key)} start=${shownTs(error.startTs)}`;
  }
}
