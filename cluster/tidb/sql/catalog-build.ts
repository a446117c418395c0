import { SqlError } from '../../errors.ts';
import { type KeySpace, keySpace, type StorageKind } from '../../key.ts';
import type { ColumnDefinition, CreateTable, Expression, IndexDefinition } from './ast.ts';
import type { ColumnDefault, ColumnInfo, IndexInfo, TableInfo } from './catalog.ts';
import { BIGINT, type SqlType, storageKind, typeOf } from './catalog-type.ts';

/** What building a table needs from outside. */
export interface TableContext {
  readonly database: string;
  /** `tidb_enable_clustered_index`: which primary keys cluster when the definition does not say. */
  readonly clusteredIndex: 'OFF' | 'ON' | 'INT_ONLY';
  /** Turns a DEFAULT into what is stored. Throws 1067 when it does not fit. */
  defaultOf(column: string, type: SqlType, value: Expression): ColumnDefault;
}

/** Name of the hidden column that is the handle of tables without a clustered key. */
const ROW_ID = '_tidb_rowid';

/** Builds a table from its definition. Throws 1060, 1061, 1063, 1068, 1072, 1075, 1235. */
export function buildTable(id: number, statement: CreateTable, context: TableContext): TableInfo {
  const { name } = statement.table;
  const primary = primaryKeyOf(statement);
  const parts = primary?.parts.map((part) => part.column.toLowerCase()) ?? [];
  const columns = statement.columns.map((definition, offset) =>
    buildColumn(definition, offset, parts, context),
  );
  checkDuplicateColumns(columns);
  const key = primary === undefined ? [] : offsetsOf(columns, primary);
  const clustered = primary !== undefined && isClustered(primary, columns, key, context);
  if (!clustered) columns.push(rowIdColumn(columns.length));
  const handle = clustered ? key : [columns.length - 1];
  const auto = columns.filter((column) => column.autoIncrement);
  if (auto.length > 1) throw autoIncrementError();
  const empty: TableInfo = {
    id,
    database: context.database,
    name,
    clustered,
    indexes: [],
    nextIndexId: 1,
    autoColumn: auto[0]?.offset,
    columns,
    ...layout(id, name, columns, handle),
  };
  const wanted = indexesOf(statement, clustered);
  const table = wanted.reduce((built, index) => withIndex(built, index), empty);
  checkAutoIsKey(table);
  return table;
}

/** The same definition under another id: what TRUNCATE makes, and CREATE TABLE … LIKE. */
export function tableWithId(
  table: TableInfo,
  id: number,
  database: string,
  name: string,
): TableInfo {
  const moved = { ...table, id, database, name, ...layout(id, name, table.columns, table.handle) };
  const indexes = table.indexes.map((index) => ({ ...index, space: indexSpace(moved, index) }));
  return { ...moved, indexes };
}

/** The table with one more index. Throws 1061, 1072, 1235. */
export function withIndex(table: TableInfo, definition: IndexDefinition): TableInfo {
  const columns = offsetsOf(table.columns, definition);
  const primary = definition.type === 'primary';
  const unique = primary || definition.type === 'unique';
  for (const part of definition.parts) {
    if (part.length === undefined || !unique) continue;
    throw new SqlError(1235, "This version of TiDB doesn't yet support 'unique prefix index'");
  }
  const name = primary ? 'PRIMARY' : indexName(table, definition);
  if (table.indexes.some((index) => index.name.toLowerCase() === name.toLowerCase())) {
    throw new SqlError(1061, `Duplicate key name '${name}'`);
  }
  const nullable = columns.some((offset) => (table.columns[offset] as ColumnInfo).nullable);
  const shape = { id: table.nextIndexId, name, unique, primary, columns };
  const handleInKey = !unique || nullable;
  const space = indexSpace(table, { ...shape, handleInKey });
  const index: IndexInfo = { ...shape, handleInKey, space };
  return { ...table, indexes: [...table.indexes, index], nextIndexId: index.id + 1 };
}

/** Record space and where each column lies in it. */
function layout(
  id: number,
  name: string,
  columns: readonly ColumnInfo[],
  handle: readonly number[],
): Pick<TableInfo, 'handle' | 'stored' | 'position' | 'records'> {
  const stored = columns.map((column) => column.offset).filter((at) => !handle.includes(at));
  const position: number[] = [];
  for (const [at, offset] of [...handle, ...stored].entries()) position[offset] = at;
  const records = keySpace({
    tableId: id,
    indexId: 0,
    name,
    keyKinds: kindsOf(columns, handle),
    valueKinds: kindsOf(columns, stored),
  });
  return { handle, stored, position, records };
}

function indexSpace(
  table: Pick<TableInfo, 'id' | 'name' | 'columns' | 'handle'>,
  index: Omit<IndexInfo, 'space'>,
): KeySpace {
  const handle = kindsOf(table.columns, table.handle);
  const indexed = kindsOf(table.columns, index.columns);
  return keySpace({
    tableId: table.id,
    indexId: index.id,
    name: `${table.name}.${index.name}`,
    keyKinds: index.handleInKey ? [...indexed, ...handle] : indexed,
    valueKinds: index.unique ? handle : [],
  });
}

function kindsOf(columns: readonly ColumnInfo[], offsets: readonly number[]): StorageKind[] {
  return offsets.map((offset) => storageKind((columns[offset] as ColumnInfo).type));
}

function buildColumn(
  definition: ColumnDefinition,
  offset: number,
  primary: readonly string[],
  context: TableContext,
): ColumnInfo {
  const { name, defaultValue } = definition;
  const lowerName = name.toLowerCase();
  const type = typeOf(definition.type);
  if (definition.autoRandomBits !== undefined) {
    throw new SqlError(1235, "This version of TiDB doesn't yet support 'AUTO_RANDOM'");
  }
  if (definition.autoIncrement && type.kind !== 'int') {
    throw new SqlError(1063, `Incorrect column specifier for column '${name}'`);
  }
  return {
    name,
    lowerName,
    offset,
    type,
    nullable: definition.nullable !== false && !primary.includes(lowerName),
    defaultValue:
      defaultValue === undefined ? { kind: 'none' } : context.defaultOf(name, type, defaultValue),
    onUpdateNow: definition.onUpdate !== undefined,
    autoIncrement: definition.autoIncrement,
    hidden: false,
  };
}

function rowIdColumn(offset: number): ColumnInfo {
  return {
    name: ROW_ID,
    lowerName: ROW_ID,
    offset,
    type: BIGINT,
    nullable: false,
    defaultValue: { kind: 'none' },
    onUpdateNow: false,
    autoIncrement: false,
    hidden: true,
  };
}

function primaryKeyOf(statement: CreateTable): IndexDefinition | undefined {
  const keys = statement.indexes.filter((index) => index.type === 'primary');
  for (const column of statement.columns) {
    if (!column.primaryKey) continue;
    const { clustered } = column;
    const parts = [{ column: column.name, length: undefined, descending: false }];
    keys.push({ type: 'primary', name: undefined, parts, clustered, comment: undefined });
  }
  if (keys.length > 1) throw new SqlError(1068, 'Multiple primary key defined');
  return keys[0];
}

function isClustered(
  primary: IndexDefinition,
  columns: readonly ColumnInfo[],
  key: readonly number[],
  context: TableContext,
): boolean {
  if (primary.clustered !== undefined) return primary.clustered;
  if (context.clusteredIndex !== 'INT_ONLY') return context.clusteredIndex === 'ON';
  return key.length === 1 && columns[key[0] as number]?.type.kind === 'int';
}

/** Indexes of a definition in the order in which they get their ids. */
function indexesOf(statement: CreateTable, clustered: boolean): IndexDefinition[] {
  const indexes: IndexDefinition[] = [];
  const primary = primaryKeyOf(statement);
  if (primary !== undefined && !clustered) indexes.push(primary);
  for (const column of statement.columns) {
    if (!column.unique) continue;
    const parts = [{ column: column.name, length: undefined, descending: false }];
    const bare = { name: undefined, clustered: undefined, comment: undefined };
    indexes.push({ type: 'unique', parts, ...bare });
  }
  return [...indexes, ...statement.indexes.filter((index) => index.type !== 'primary')];
}

function offsetsOf(columns: readonly ColumnInfo[], definition: IndexDefinition): number[] {
  return definition.parts.map((part) => {
    const column = columns.find(({ lowerName }) => lowerName === part.column.toLowerCase());
    if (column !== undefined) return column.offset;
    throw new SqlError(1072, `Key column '${part.column}' doesn't exist in table`);
  });
}

/** An index without a name is called after its first column, with a number when that is taken. */
function indexName(table: TableInfo, definition: IndexDefinition): string {
  if (definition.name !== undefined) return definition.name;
  const base = definition.parts[0]?.column ?? 'index';
  const taken = new Set(table.indexes.map((index) => index.name.toLowerCase()));
  let name = base;
  for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${base}_${i}`;
  return name;
}

function checkDuplicateColumns(columns: readonly ColumnInfo[]): void {
  const seen = new Set<string>();
  for (const { name, lowerName } of columns) {
    if (seen.has(lowerName)) throw new SqlError(1060, `Duplicate column name '${name}'`);
    seen.add(lowerName);
  }
}

function checkAutoIsKey(table: TableInfo): void {
  const { autoColumn } = table;
  if (autoColumn === undefined || (table.clustered && table.handle[0] === autoColumn)) return;
  if (!table.indexes.some((index) => index.columns[0] === autoColumn)) throw autoIncrementError();
}

function autoIncrementError(): SqlError {
  return new SqlError(
    1075,
    'Incorrect table definition; there can be only one auto column and it must be defined as a key',
  );
}
