import { prefixEnd } from '../key.ts';
import type { QueryResult } from '../session.ts';
import type { Wait } from '../sim/index.ts';
import { formatDatetime, VIRTUAL_EPOCH_US } from './executor/temporal.ts';
import { okResult } from './run-statement.ts';
import type { SqlSession } from './session.ts';
import type { TableInfo } from './sql/catalog.ts';
import type { TableName } from './sql/index.ts';

/** What ANALYZE TABLE found. */
interface Analyzed {
  readonly rows: number;
  /** Wall clock, µs since the world began. */
  readonly atUs: number;
}

/**
 * Numbers of rows that ANALYZE TABLE has counted. TiDB keeps histograms and sketches in system
 * tables; the planner here asks only how large a table is.
 */
export class TableStatistics {
  private readonly analyzed = new Map<number, Analyzed>();

  record(tableId: number, analyzed: Analyzed): void {
    this.analyzed.set(tableId, analyzed);
  }

  /** What is known of a table; undefined until it has been analyzed. */
  of(tableId: number): Analyzed | undefined {
    return this.analyzed.get(tableId);
  }

  /** Rows of a table, if known. */
  rows(tableId: number): number | undefined {
    return this.analyzed.get(tableId)?.rows;
  }
}

/** ANALYZE TABLE: counts the rows of tables at one timestamp. Throws 1046, 1146. */
export function* analyzeTables(session: SqlSession, names: readonly TableName[]): Wait<void> {
  const { schema, statistics } = session.node.parts.shared;
  const tables = names.map(({ schema: database, name }) =>
    schema.table(database ?? session.database, name),
  );
  for (const table of tables) {
    const rows = yield* countRows(session, table);
    statistics.record(table.id, { rows, atUs: session.node.parts.process.wallUs() });
  }
  schema.statisticsChanged();
}

function* countRows(session: SqlSession, { records }: TableInfo): Wait<number> {
  const { storage } = session.node.parts;
  const readTs = yield* storage.currentTs();
  const scan = storage.snapshot(readTs).scan({
    ranges: [{ space: records, start: records.prefix, end: prefixEnd(records.prefix) }],
    ...{ readTs, columns: [0], keepOrder: false, descending: false, limit: undefined },
  });
  let rows = 0;
  for (let chunk = yield* scan.next(); chunk !== undefined; chunk = yield* scan.next()) {
    rows += chunk.length;
  }
  return rows;
}

/** SHOW STATS_META. */
export function statsMeta(session: SqlSession): QueryResult {
  const { schema, statistics } = session.node.parts.shared;
  const columns = ['Db_name', 'Table_name', 'Partition_name'];
  const rows = schema
    .databaseNames()
    .flatMap((database) => schema.tablesOf(database))
    .flatMap(({ id, database, name }) => {
      const found = statistics.of(id);
      if (found === undefined) return [];
      const time = formatDatetime(VIRTUAL_EPOCH_US + found.atUs, 0);
      return [[database, name, '', time, 0, found.rows]];
    });
  return {
    ...okResult(),
    columns: [...columns, 'Update_time', 'Modify_count', 'Row_count'],
    rows,
  };
}
