import { SqlError } from '../../errors.ts';
import type { Key, Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { IndexInfo, TableInfo } from '../sql/catalog.ts';
import { indexKey, pick, recordKey, recordValues } from '../sql/catalog-keys.ts';
import type { Transaction } from '../transaction.ts';
import type { StatementContext } from './context.ts';
import { lockForUpdate } from './select-lock.ts';

/** A row in the order of the table's columns. */
export type TableRow = readonly Stored[];

/** Whether an index lets only one row have this key: it is unique and nothing in it is NULL. */
function isDistinct(index: IndexInfo, row: TableRow): boolean {
  return index.unique && !index.columns.some((at) => row[at] === null);
}

/** Error 1062. */
export function duplicateEntry({ space, values }: Key): SqlError {
  const name = space.indexId === 0 ? `${space.name}.PRIMARY` : space.name;
  return new SqlError(1062, `Duplicate entry '${values.join('-')}' for key '${name}'`);
}

/**
 * Writes a key that nobody else may have. Throws 1062 if this transaction has written it; whether
 * the store has it is asked later, but not for a key that this transaction has removed.
 */
function putUnique(txn: Transaction, key: Key, values: readonly Stored[], unique: Key[]): void {
  const own = txn.buffer.get(key);
  if (own?.values !== undefined) throw duplicateEntry(key);
  const unknown = own === undefined || own.presumeNotExists;
  txn.buffer.put(key, values, unknown);
  if (unknown) unique.push(key);
}

/**
 * Locks keys that were written as new, which checks that they were not there. Of a key that the
 * transaction has locked before, the store is asked for the value. Throws 1062.
 */
export function* lockAbsent(ctx: StatementContext, keys: readonly Key[]): Wait<void> {
  if (keys.length === 0) return;
  const { txn, forUpdateTs } = ctx;
  const held = txn.pessimistic ? keys.filter((key) => txn.holds(key)) : [];
  if (held.length > 0) {
    const found = yield* txn.batchGet(held, forUpdateTs);
    const taken = held.find((_, i) => found[i] !== undefined);
    if (taken !== undefined) throw duplicateEntry(taken);
  }
  yield* lockForUpdate(ctx, keys);
}

/** The keys by which another row can be a duplicate of this one. */
export function uniqueKeys(table: TableInfo, row: TableRow): Key[] {
  const keys = table.clustered ? [recordKey(table, row)] : [];
  for (const index of table.indexes) {
    if (isDistinct(index, row)) keys.push(indexKey(table, index, row));
  }
  return keys;
}

/** Those of a row's unique keys that it did not have before. */
export function addedKeys(table: TableInfo, before: TableRow, after: TableRow): Key[] {
  const had = new Set(uniqueKeys(table, before).map(({ encoded }) => encoded));
  return uniqueKeys(table, after).filter(({ encoded }) => !had.has(encoded));
}

/**
 * Puts a row and its index entries into the transaction. Returns the keys whose absence is still to
 * be checked. Throws 1062.
 */
export function addRow(txn: Transaction, table: TableInfo, row: TableRow): Key[] {
  const unique: Key[] = [];
  const record = recordKey(table, row);
  const values = recordValues(table, row);
  if (table.clustered) putUnique(txn, record, values, unique);
  else txn.buffer.put(record, values, false);
  for (const index of table.indexes) {
    const key = indexKey(table, index, row);
    const handle = index.unique ? pick(row, table.handle) : [];
    if (isDistinct(index, row)) putUnique(txn, key, handle, unique);
    else txn.buffer.put(key, handle, false);
  }
  return unique;
}

/** Removes a row and its index entries. */
export function removeRow(txn: Transaction, table: TableInfo, row: TableRow): void {
  txn.buffer.delete(recordKey(table, row));
  for (const index of table.indexes) txn.buffer.delete(indexKey(table, index, row));
}

/**
 * Replaces a row: only entries that change are touched. Returns the keys whose absence is still to
 * be checked. Throws 1062.
 */
export function replaceRow(
  txn: Transaction,
  table: TableInfo,
  before: TableRow,
  after: TableRow,
): Key[] {
  const unique: Key[] = [];
  const from = recordKey(table, before);
  const to = recordKey(table, after);
  const moved = from.encoded !== to.encoded;
  if (moved) txn.buffer.delete(from);
  if (moved) putUnique(txn, to, recordValues(table, after), unique);
  else txn.buffer.put(to, recordValues(table, after), presumed(txn, to));
  for (const index of table.indexes) {
    const old = indexKey(table, index, before);
    const next = indexKey(table, index, after);
    const same = old.encoded === next.encoded;
    if (same && !(moved && index.unique)) continue;
    const handle = index.unique ? pick(after, table.handle) : [];
    if (!same) txn.buffer.delete(old);
    if (!same && isDistinct(index, after)) putUnique(txn, next, handle, unique);
    else txn.buffer.put(next, handle, presumed(txn, next));
  }
  return unique;
}

/** A key written anew keeps what was presumed of it. */
function presumed(txn: Transaction, key: Key): boolean {
  return txn.buffer.get(key)?.presumeNotExists === true;
}
