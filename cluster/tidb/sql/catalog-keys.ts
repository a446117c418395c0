import { type Key, makeKey, type Stored } from '../../key.ts';
import type { IndexInfo, TableInfo } from './catalog.ts';

/** A row as stored values, in the order of the table's columns. */
export type Row = readonly Stored[];

/**
 * A value as a key holds it. Under PAD SPACE a string equals itself with more blanks behind it, so
 * keys hold it without them. (TiDB keeps the blanks beside the key to restore them; here the blanks
 * at the end of a *clustered* string key are lost, as CHAR loses them.)
 */
export function keyValue(value: Stored): Stored {
  return typeof value === 'string' && value.endsWith(' ') ? trimEnd(value) : value;
}

/** Without blanks at the end. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** The key of a row's record. */
export function recordKey(table: TableInfo, row: Row): Key {
  return makeKey(table.records, pick(row, table.handle));
}

/** The key of a record by its handle. */
export function handleKey(table: TableInfo, handle: readonly Stored[]): Key {
  return makeKey(table.records, handle);
}

/** What is stored under a row's record key. */
export function recordValues(table: TableInfo, row: Row): Stored[] {
  const { stored } = table;
  const values: Stored[] = new Array(stored.length);
  for (let i = 0; i < stored.length; i++) values[i] = row[stored[i] as number] as Stored;
  return values;
}

/** A row put together from a record's key and values. */
export function rowOf(
  table: TableInfo,
  key: readonly Stored[],
  values: readonly Stored[],
): Stored[] {
  const row: Stored[] = new Array(table.columns.length);
  const { handle, stored } = table;
  for (let i = 0; i < handle.length; i++) row[handle[i] as number] = key[i] as Stored;
  for (let i = 0; i < stored.length; i++) row[stored[i] as number] = values[i] as Stored;
  return row;
}

/** The key of a row's entry in an index. */
export function indexKey(table: TableInfo, index: IndexInfo, row: Row): Key {
  const values = pick(row, index.columns);
  if (index.handleInKey) {
    const spelled = !index.unique || values.includes(null);
    for (const offset of table.handle) {
      values.push(spelled ? keyValue(row[offset] as Stored) : null);
    }
  }
  return makeKey(index.space, values);
}

/** The handle that an index entry leads to. */
export function handleOfEntry(index: IndexInfo, key: Key, values: readonly Stored[]): Row {
  return index.unique ? values : key.values.slice(index.columns.length);
}

/** Values at some offsets of a row, as keys hold them. */
export function pick(row: Row, offsets: readonly number[]): Stored[] {
  const values: Stored[] = new Array(offsets.length);
  for (let i = 0; i < offsets.length; i++)
    values[i] = keyValue(row[offsets[i] as number] as Stored);
  return values;
}
