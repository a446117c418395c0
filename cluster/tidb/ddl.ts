import type { Datum } from '../datum.ts';
import { SqlError } from '../errors.ts';
import { prefixEnd, tablePrefix } from '../key.ts';
import type { Wait } from '../sim/index.ts';
import type { SqlSession } from './session.ts';
import type { ColumnDefault, IndexInfo, TableInfo } from './sql/catalog.ts';
import { buildTable, tableWithId, withIndex } from './sql/catalog-build.ts';
import { indexKey, pick } from './sql/catalog-keys.ts';
import type { SqlType } from './sql/catalog-type.ts';
import type {
  AlterTable,
  CreateDatabase,
  CreateIndex,
  CreateTable,
  DropDatabase,
  DropIndex,
  DropTable,
  Expression,
  IndexDefinition,
  LiteralValue,
  TableName,
  TruncateTable,
} from './sql/index.ts';
import { storedDatum } from './stored-datum.ts';

/** A change of the schema. */
export type Ddl =
  | CreateTable
  | DropTable
  | TruncateTable
  | CreateIndex
  | DropIndex
  | AlterTable
  | CreateDatabase
  | DropDatabase;

/** Changes the schema; in effect on all nodes at once. Throws 1050, 1051, 1091, 1146, 1235, … */
export function* runDdl(session: SqlSession, statement: Ddl): Wait<void> {
  const { schema } = session.node.parts.shared;
  switch (statement.kind) {
    case 'create-table':
      return yield* createTable(session, statement);
    case 'drop-table':
      return dropTables(session, statement);
    case 'truncate-table':
      return yield* truncate(session, statement.table);
    case 'create-index':
      return yield* addIndex(session, statement.table, statement.index);
    case 'drop-index':
      return dropIndex(session, statement.table, statement.name);
    case 'alter-table':
      return yield* alterTable(session, statement);
    case 'create-database':
      if (!(statement.ifNotExists && schema.hasDatabase(statement.name))) {
        schema.createDatabase(statement.name);
      }
      return;
    case 'drop-database':
      if (!(statement.ifExists && !schema.hasDatabase(statement.name))) {
        schema.dropDatabase(statement.name);
      }
      return;
  }
}

function databaseOf(session: SqlSession, name: TableName): string {
  const database = name.schema ?? session.database;
  if (database === '') throw new SqlError(1046, 'No database selected');
  return database;
}

function existing(session: SqlSession, name: TableName): TableInfo {
  return session.node.parts.shared.schema.table(databaseOf(session, name), name.name);
}

function* createTable(session: SqlSession, statement: CreateTable): Wait<void> {
  const { schema } = session.node.parts.shared;
  const database = databaseOf(session, statement.table);
  const { name } = statement.table;
  if (schema.find(database, name) !== undefined) {
    if (statement.ifNotExists) {
      session.warnings.push({ level: 'Note', code: 1050, message: exists(database, name) });
      return;
    }
    throw new SqlError(1050, exists(database, name));
  }
  if (statement.temporary) {
    throw new SqlError(1235, "This version of TiDB doesn't yet support 'CREATE TEMPORARY TABLE'");
  }
  const id = yield* session.node.parts.storage.allocateIds(1);
  const clusteredIndex = session.variables.text('tidb_enable_clustered_index') as
    | 'OFF'
    | 'ON'
    | 'INT_ONLY';
  const table =
    statement.like === undefined
      ? buildTable(id, statement, { database, clusteredIndex, defaultOf })
      : tableWithId(existing(session, statement.like), id, database, name);
  yield* giveRegions(session, table);
  schema.put(table);
}

function exists(database: string, name: string): string {
  return `Table '${database}.${name}' already exists`;
}

/** DEFAULT takes a literal, NULL or CURRENT_TIMESTAMP. Throws 1067 for what does not fit. */
function defaultOf(column: string, type: SqlType, value: Expression): ColumnDefault {
  if (value.kind === 'function') return { kind: 'now' };
  const negative = value.kind === 'unary' && value.operator === '-';
  const node = negative ? value.operand : value;
  const given = node.kind === 'literal' ? datumOf(node.value, negative) : undefined;
  const stored = given === undefined ? undefined : storedDatum(given, type);
  if (stored === undefined) throw new SqlError(1067, `Invalid default value for '${column}'`);
  return { kind: 'value', value: stored };
}

/** A literal's value, or that with a minus before it; undefined for bits and bytes. */
function datumOf(value: LiteralValue, negative: boolean): Datum | undefined {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return negative ? -value : value;
  if ('hex' in value) return undefined;
  if (value.kind === 'real') return negative ? { ...value, value: -value.value } : value;
  return negative ? { ...value, unscaled: -value.unscaled } : value;
}

/** Records and each index begin regions of their own, so that they lie on several stores. */
function* giveRegions(session: SqlSession, table: TableInfo): Wait<void> {
  const prefixes = [table.records, ...table.indexes.map(({ space }) => space)].map(
    ({ prefix }) => prefix,
  );
  yield* session.node.parts.storage.splitRegions([tablePrefix(table.id), ...prefixes]);
}

function dropTables(session: SqlSession, statement: DropTable): void {
  const { schema } = session.node.parts.shared;
  for (const name of statement.tables) {
    const database = databaseOf(session, name);
    const table = schema.find(database, name.name);
    if (table !== undefined) schema.drop(table);
    else if (!statement.ifExists) {
      throw new SqlError(1051, `Unknown table '${database}.${name.name}'`);
    }
  }
}

/** A truncated table is a new one under the old name. */
function* truncate(session: SqlSession, name: TableName): Wait<void> {
  const table = existing(session, name);
  const id = yield* session.node.parts.storage.allocateIds(1);
  const fresh = tableWithId(table, id, table.database, table.name);
  yield* giveRegions(session, fresh);
  session.node.parts.shared.schema.put(fresh);
}

/** Adds an index and fills it in one transaction. Throws 1062 where it would not be unique. */
function* addIndex(session: SqlSession, name: TableName, definition: IndexDefinition): Wait<void> {
  const table = withIndex(existing(session, name), definition);
  const index = table.indexes.at(-1) as IndexInfo;
  const { storage, shared } = session.node.parts;
  yield* storage.splitRegions([index.space.prefix]);
  const txn = yield* storage.begin(false);
  const columns = table.columns.map(({ offset }) => table.position[offset] as number);
  const { records } = table;
  const ranges = [{ space: records, start: records.prefix, end: prefixEnd(records.prefix) }];
  const scan = txn.scan({
    ...{ ranges, readTs: txn.startTs, columns },
    ...{ keepOrder: false, descending: false, limit: undefined },
  });
  for (let chunk = yield* scan.next(); chunk !== undefined; chunk = yield* scan.next()) {
    for (let at = 0; at < chunk.length; at++) {
      const row = chunk.columns.map((column) => column.get(at));
      const key = indexKey(table, index, row);
      const distinct = index.unique && !index.columns.some((offset) => row[offset] === null);
      if (distinct && txn.buffer.get(key) !== undefined) {
        const entry = key.values.join('-');
        throw new SqlError(1062, `Duplicate entry '${entry}' for key '${index.space.name}'`);
      }
      txn.buffer.put(key, index.unique ? pick(row, table.handle) : [], distinct);
    }
  }
  yield* txn.commit();
  shared.schema.put(table);
}

function dropIndex(session: SqlSession, name: TableName, index: string): void {
  const table = existing(session, name);
  const lower = index.toLowerCase();
  const indexes = table.indexes.filter((each) => each.name.toLowerCase() !== lower);
  if (indexes.length === table.indexes.length) {
    throw new SqlError(1091, `index ${index} doesn't exist`);
  }
  session.node.parts.shared.schema.put({ ...table, indexes });
}

function* alterTable(session: SqlSession, statement: AlterTable): Wait<void> {
  for (const change of statement.changes) {
    if (change.change === 'add-index') yield* addIndex(session, statement.table, change.index);
    else if (change.change === 'drop-index') dropIndex(session, statement.table, change.name);
    else if (change.change !== 'set-option' && change.change !== 'set-tiflash-replica') {
      throw new SqlError(
        1235,
        `This version of TiDB doesn't yet support 'ALTER TABLE ${change.change}'`,
      );
    }
  }
}
