import { SqlError } from '../../errors.ts';
import type { Key, Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { TableInfo } from '../sql/catalog.ts';
import { handleKey, handleOfEntry, rowOf } from '../sql/catalog-keys.ts';
import type { StatementContext } from './context.ts';
import { lockOptions } from './select-lock.ts';
import { duplicateEntry, type TableRow } from './write-row.ts';

/** A row that has one of the keys a statement wants to give to another. */
export interface Duplicate {
  readonly row: TableRow;
  /** Message of error 1062. */
  readonly message: string;
}

/**
 * Locks keys that a row is to get and looks for a row that has one of them already: what REPLACE,
 * ON DUPLICATE KEY UPDATE and IGNORE do before they write.
 */
export function* duplicateOf(
  ctx: StatementContext,
  table: TableInfo,
  keys: readonly Key[],
): Wait<Duplicate | undefined> {
  if (keys.length === 0) return undefined;
  yield* ctx.txn.lockKeys(keys, lockOptions(ctx));
  for (const key of keys) {
    const values = yield* currentValues(ctx, key);
    if (values === undefined) continue;
    const row = yield* rowBehind(ctx, table, key, values);
    if (row !== undefined) return { row, message: duplicateEntry(key).message };
  }
  return undefined;
}

function* rowBehind(
  ctx: StatementContext,
  table: TableInfo,
  key: Key,
  values: readonly Stored[],
): Wait<TableRow | undefined> {
  if (key.space.id === table.records.id) return rowOf(table, key.values, values);
  const index = table.indexes.find(({ space }) => space.id === key.space.id);
  if (index === undefined) throw new SqlError(1105, `no index of ${key.space.name}`);
  const handle = handleOfEntry(index, key, values);
  const stored = yield* currentValues(ctx, handleKey(table, handle));
  return stored === undefined ? undefined : rowOf(table, handle, stored);
}

/** What a key holds now: the transaction's own change, else the newest committed value. */
function* currentValues(ctx: StatementContext, key: Key): Wait<readonly Stored[] | undefined> {
  const own = ctx.txn.buffer.get(key);
  if (own !== undefined) return own.values;
  return yield* ctx.txn.get(key, ctx.forUpdateTs);
}
