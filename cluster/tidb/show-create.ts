import type { ProfileName } from '../profiles.ts';
import { fromStored, valueText } from './executor/value.ts';
import { type ColumnInfo, type IndexInfo, type TableInfo, visibleColumns } from './sql/catalog.ts';
import { type SqlType, typeText } from './sql/catalog-type.ts';

/** The statement that makes a table, as SHOW CREATE TABLE spells it. Source: TiDB `show.go`. */
export function createTableText(table: TableInfo, version: ProfileName): string {
  const columns = visibleColumns(table).map((column) => columnText(column, version));
  const keys = table.indexes
    .filter(({ primary }) => !primary)
    .map((index) => keyText(table, index));
  const lines = [...columns, ...primaryText(table), ...keys].map((line) => `  ${line}`);
  const head = `CREATE TABLE ${quoted(table.name)} (\n`;
  return `${head}${lines.join(',\n')}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;
}

/** The statement that makes a database. */
export function createDatabaseText(name: string): string {
  return `CREATE DATABASE ${quoted(name)} /*!40100 DEFAULT CHARACTER SET utf8mb4 */`;
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function columnText(column: ColumnInfo, version: ProfileName): string {
  const parts = [quoted(column.name), shownType(column.type, version)];
  if (!column.nullable) parts.push('NOT NULL');
  else if (column.type.name === 'TIMESTAMP') parts.push('NULL');
  const value = defaultText(column);
  if (value !== undefined) parts.push(`DEFAULT ${value}`);
  if (column.autoIncrement) parts.push('AUTO_INCREMENT');
  if (column.onUpdateNow) parts.push(`ON UPDATE ${nowText(column.type)}`);
  return parts.join(' ');
}

/** Integers show no display width from v8.5 on (`deprecate-integer-display-length`). */
function shownType(type: SqlType, version: ProfileName): string {
  const text = typeText(type);
  return type.kind === 'int' && version === 'v8.5.0' ? text.replace(/\(\d+\)/, '') : text;
}

function defaultText({
  defaultValue,
  nullable,
  autoIncrement,
  type,
}: ColumnInfo): string | undefined {
  if (autoIncrement) return undefined;
  if (defaultValue.kind === 'now') return nowText(type);
  const stored = defaultValue.kind === 'value' ? defaultValue.value : null;
  if (stored === null) return nullable ? 'NULL' : undefined;
  const value = fromStored(stored, type);
  return value === null ? 'NULL' : `'${valueText(value, type).replaceAll("'", "''")}'`;
}

function nowText({ scale }: SqlType): string {
  return scale === 0 ? 'CURRENT_TIMESTAMP' : `CURRENT_TIMESTAMP(${scale})`;
}

function primaryText(table: TableInfo): string[] {
  const index = table.indexes.find(({ primary }) => primary);
  const columns = table.clustered ? table.handle : index?.columns;
  if (columns === undefined) return [];
  const kind = table.clustered ? 'CLUSTERED' : 'NONCLUSTERED';
  return [`PRIMARY KEY (${columnList(table, columns)}) /*T![clustered_index] ${kind} */`];
}

function keyText(table: TableInfo, { name, unique, columns }: IndexInfo): string {
  return `${unique ? 'UNIQUE KEY' : 'KEY'} ${quoted(name)} (${columnList(table, columns)})`;
}

function columnList(table: TableInfo, offsets: readonly number[]): string {
  return offsets.map((offset) => quoted(table.columns[offset]?.name ?? '')).join(',');
}
