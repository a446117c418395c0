import type { Key, Stored } from '../../key.ts';
import type { TableInfo } from '../sql/catalog.ts';
import { indexKey, pick, recordKey, recordValues } from '../sql/catalog-keys.ts';
import type { Transaction } from '../transaction.ts';

/** A row in the order of the table's columns. */
export type TableRow = readonly Stored[];

/**
 * Puts a row and its index entries into the transaction. Returns the keys whose absence INSERT must
 * check: the record's, where the primary key is clustered, and those of unique indexes.
 */
export function addRow(txn: Transaction, table: TableInfo, row: TableRow): Key[] {
  const unique: Key[] = [];
  const record = recordKey(table, row);
  txn.buffer.put(record, recordValues(table, row), table.clustered);
  if (table.clustered) unique.push(record);
  for (const index of table.indexes) {
    const key = indexKey(table, index, row);
    const values = index.unique ? pick(row, table.handle) : [];
    const distinct = index.unique && !index.columns.some((at) => row[at] === null);
    txn.buffer.put(key, values, distinct);
    if (distinct) unique.push(key);
  }
  return unique;
}

/** Removes a row and its index entries. */
export function removeRow(txn: Transaction, table: TableInfo, row: TableRow): void {
  txn.buffer.delete(recordKey(table, row));
  for (const index of table.indexes) txn.buffer.delete(indexKey(table, index, row));
}

/**
 * Replaces a row: only entries that change are touched. Returns keys that must have been absent.
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
  if (moved) {
    txn.buffer.delete(from);
    unique.push(to);
  }
  txn.buffer.put(to, recordValues(table, after), moved);
  for (const index of table.indexes) {
    const old = indexKey(table, index, before);
    const next = indexKey(table, index, after);
    if (old.encoded === next.encoded && !(moved && index.unique)) continue;
    if (old.encoded !== next.encoded) txn.buffer.delete(old);
    const distinct = index.unique && !index.columns.some((at) => after[at] === null);
    const absent = distinct && old.encoded !== next.encoded;
    txn.buffer.put(next, index.unique ? pick(after, table.handle) : [], absent);
    if (absent) unique.push(next);
  }
  return unique;
}
