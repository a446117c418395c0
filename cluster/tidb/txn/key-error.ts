import { SqlError } from '../../errors.ts';
import type { Key } from '../../key.ts';
import type { KeyError } from '../../mvcc/request.ts';

/** The error packet for what a store found wrong with a key. Source: TiDB `store/driver/error`. */
export function sqlErrorOf(error: KeyError): SqlError {
  switch (error.kind) {
    case 'WriteConflict':
      return new SqlError(
        9007,
        `Write conflict, txnStartTS=${error.startTs}, conflictStartTS=${error.conflictStartTs}, ` +
          `conflictCommitTS=${error.conflictCommitTs}, key=${describe(error.key)}, ` +
          `reason=${error.reason} [try again later]`,
      );
    case 'AlreadyExist':
      return new SqlError(
        1062,
        `Duplicate entry '${error.key.values.join('-')}' for key '${keyName(error.key)}'`,
      );
    case 'Deadlock':
      return new SqlError(
        1213,
        'Deadlock found when trying to get lock; try restarting transaction',
      );
    case 'KeyIsLocked':
      return new SqlError(1205, 'Lock wait timeout exceeded; try restarting transaction');
    case 'TxnLockNotFound':
      return new SqlError(
        8022,
        `Error: KV error safe to retry Txn(Mvcc(TxnLockNotFound { start_ts: ${error.startTs}, ` +
          `key: ${describe(error.key)} })) [try again later]`,
      );
    default:
      return new SqlError(1105, `tikv aborts txn: ${error.kind} start_ts=${startTsOf(error)}`);
  }
}

function startTsOf(error: KeyError): number | string {
  return 'startTs' in error ? error.startTs : '?';
}

/** `ledger_accounts{acc1,7}`: which row or entry, for people. */
function describe(key: Key): string {
  return `${key.space.name}{${key.values.join(',')}}`;
}

/** The primary key's records are called after it; an index is called by its own name. */
function keyName(key: Key): string {
  return key.space.indexId === 0 ? `${key.space.name}.PRIMARY` : key.space.name;
}
