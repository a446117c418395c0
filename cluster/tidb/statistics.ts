import type { Column } from '../column.ts';
import { prefixEnd } from '../key.ts';
import type { QueryResult } from '../session.ts';
import type { Wait } from '../sim/index.ts';
import { GroupTable } from './executor/group-table.ts';
import { formatDatetime, VIRTUAL_EPOCH_US } from './executor/temporal.ts';
import { okResult } from './run-statement.ts';
import type { SqlSession } from './session.ts';
import type { TableInfo } from './sql/catalog.ts';
import type { TableName } from './sql/index.ts';
import type { TableFacts } from './sql/planner/scope.ts';

/** What ANALYZE TABLE found. */
interface Analyzed {
  readonly rows: number;
  /** Different values of each column, by offset. */
  readonly distinct: readonly number[];
  /** Wall clock, µs since the world began. */
  readonly atUs: number;
}

/**
 * Numbers of rows that ANALYZE TABLE has counted. TiDB keeps histograms and sketches in system
 * tables; the planner here asks only how large a table is.
 */
export class TableStatistics implements TableFacts {
  private readonly analyzed = new Map<number, Analyzed>();

  record(tableId: number, analyzed: Analyzed): void {
    this.analyzed.set(tableId, analyzed);
  }

  /** What is known of a table; undefined until it has been analyzed. */
  of(tableId: number): Analyzed | undefined {
    return this.analyzed.get(tableId);
  }

  rows(tableId: number): number | undefined {
    return this.analyzed.get(tableId)?.rows;
  }

  distinct(tableId: number, offset: number): number | undefined {
    return this.analyzed.get(tableId)?.distinct[offset];
  }

  analyzedAt(tableId: number): number | undefined {
    return this.analyzed.get(tableId)?.atUs;
  }
}

/** ANALYZE TABLE: counts the rows of tables at one timestamp. Throws 1046, 1146. */
export function* analyzeTables(session: SqlSession, names: readonly TableName[]): Wait<void> {
  const { schema, statistics } = session.node.parts.shared;
  const tables = names.map(({ schema: database, name }) =>
    schema.table(database ?? session.database, name),
  );
  for (const table of tables) {
    const counted = yield* countRows(session, table);
    statistics.record(table.id, { ...counted, atUs: session.node.parts.process.wallUs() });
  }
  schema.statisticsChanged();
}

/** Counts rows, and the different values of every column exactly, which TiDB estimates. */
function* countRows(
  session: SqlSession,
  { records, columns, position }: TableInfo,
): Wait<Pick<Analyzed, 'rows' | 'distinct'>> {
  const { storage } = session.node.parts;
  const readTs = yield* storage.currentTs();
  const scan = storage.snapshot(readTs).scan({
    ranges: [{ space: records, start: records.prefix, end: prefixEnd(records.prefix) }],
    ...{ readTs, columns: [...position], keepOrder: false, descending: false, limit: undefined },
  });
  const values = columns.map(() => new GroupTable(1));
  let rows = 0;
  for (let chunk = yield* scan.next(); chunk !== undefined; chunk = yield* scan.next()) {
    const { length } = chunk;
    const [groups, fresh] = [new Int32Array(length), new Int32Array(length)];
    for (const [i, table] of values.entries()) {
      table.assign([chunk.columns[i] as Column], length, groups, fresh);
    }
    rows += length;
  }
  return { rows, distinct: values.map(({ count }) => count) };
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
