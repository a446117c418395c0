import type { Datum } from '../datum.ts';
import { SqlError } from '../errors.ts';
import type { QueryResult } from '../session.ts';
import { okResult } from './run-statement.ts';
import type { SqlSession } from './session.ts';
import { createDatabaseText, createTableText } from './show-create.ts';
import { type TableInfo, visibleColumns } from './sql/catalog.ts';
import { typeText } from './sql/catalog-type.ts';
import type { Show } from './sql/index.ts';
import { statsMeta } from './statistics.ts';

/** SHOW and DESCRIBE. Throws 1146, 1049, and 1235 for what is not built. */
export function showRows(session: SqlSession, show: Show): QueryResult {
  const { schema } = session.node.parts.shared;
  if (show.where !== undefined) {
    throw new SqlError(1235, "This version of TiDB doesn't yet support 'SHOW … WHERE'");
  }
  const database = show.database ?? session.database;
  switch (show.subject) {
    case 'variables': {
      const entries = session.variables.entries(show.scope === 'global');
      return listing(['Variable_name', 'Value'], entries, show.like);
    }
    case 'warnings':
    case 'errors': {
      const { warnings } = session;
      const wanted = warnings.filter(
        ({ level }) => show.subject === 'warnings' || level === 'Error',
      );
      return listing(
        ['Level', 'Code', 'Message'],
        wanted.map(({ level, code, message }) => [level, code, message]),
        undefined,
      );
    }
    case 'tables':
      return listing(
        [`Tables_in_${database}`],
        schema.tablesOf(database).map(({ name }) => [name]),
        show.like,
      );
    case 'databases':
      return listing(
        ['Database'],
        schema.databaseNames().map((name) => [name]),
        show.like,
      );
    case 'create-table': {
      const table = tableOf(session, show);
      const { name } = session.node.parts.profile;
      const columns = ['Table', 'Create Table'];
      return listing(columns, [[table.name, createTableText(table, name)]], undefined);
    }
    case 'create-database':
      return createDatabase(session, show.database ?? '');
    case 'processlist':
      return session.node.sessions.list(show.full, session.node.parts.process.world.nowUs);
    case 'stats-meta':
      return statsMeta(session);
    case 'columns':
      return columnsOf(tableOf(session, show), show.like);
    case 'index':
      return indexesOf(tableOf(session, show));
    default:
      throw new SqlError(1235, `This version of TiDB doesn't yet support 'SHOW ${show.subject}'`);
  }
}

function createDatabase(session: SqlSession, name: string): QueryResult {
  if (!session.node.parts.shared.schema.hasDatabase(name)) {
    throw new SqlError(1049, `Unknown database '${name}'`);
  }
  return listing(['Database', 'Create Database'], [[name, createDatabaseText(name)]], undefined);
}

function tableOf(session: SqlSession, show: Show): TableInfo {
  const { schema } = session.node.parts.shared;
  const name = show.table?.name ?? '';
  return schema.table(show.table?.schema ?? show.database ?? session.database, name);
}

function columnsOf(table: TableInfo, like: string | undefined): QueryResult {
  const rows = visibleColumns(table).map((column) => {
    const { defaultValue } = column;
    return [
      column.name,
      typeText(column.type),
      column.nullable ? 'YES' : 'NO',
      keyMark(table, column.offset),
      defaultValue.kind === 'value' ? (defaultValue.value as Datum) : null,
      column.autoIncrement ? 'auto_increment' : '',
    ];
  });
  return listing(['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'], rows, like);
}

function keyMark(table: TableInfo, offset: number): string {
  const primary = table.clustered
    ? table.handle
    : (table.indexes.find((index) => index.primary)?.columns ?? []);
  if (primary.includes(offset)) return 'PRI';
  const index = table.indexes.find(({ columns }) => columns[0] === offset);
  if (index === undefined) return '';
  return index.unique && index.columns.length === 1 ? 'UNI' : 'MUL';
}

function indexesOf(table: TableInfo): QueryResult {
  const rows: Datum[][] = [];
  const add = (name: string, unique: boolean, columns: readonly number[]): void => {
    for (const [i, offset] of columns.entries()) {
      rows.push([table.name, unique ? 0 : 1, name, i + 1, table.columns[offset]?.name ?? '']);
    }
  };
  if (table.clustered) add('PRIMARY', true, table.handle);
  for (const { name, unique, columns } of table.indexes) add(name, unique, columns);
  return listing(
    ['Table', 'Non_unique', 'Key_name', 'Seq_in_index', 'Column_name'],
    rows,
    undefined,
  );
}

function listing(
  columns: readonly string[],
  rows: readonly (readonly Datum[])[],
  like: string | undefined,
): QueryResult {
  const wanted = like === undefined ? undefined : likePattern(like);
  const kept = wanted === undefined ? rows : rows.filter(([name]) => wanted.test(String(name)));
  return { ...okResult(), columns, rows: kept };
}

function likePattern(like: string): RegExp {
  const source = like
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, 'i');
}
