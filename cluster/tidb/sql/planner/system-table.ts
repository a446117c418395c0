import { columnFor } from '../../executor/columns.ts';
import type { StatementContext } from '../../executor/context.ts';
import { type Executor, Plan, ReadyChunk } from '../../executor/plan.ts';
import { toStored, type Value } from '../../executor/value.ts';
import type { SqlType } from '../catalog-type.ts';
import type { PlannedQuery } from './scope.ts';

/** A table whose rows nobody stores: made when they are asked for. */
export interface SystemTable {
  /** In upper case, as TiDB writes it. */
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: SqlType])[];
  /** The rows as they are now. */
  rows(): readonly (readonly Value[])[];
}

/** Rows that EXPLAIN expects of any table that it knows nothing of. */
const PSEUDO_ROWS = 10_000;

/** Reads a table of the system: all of it. Source: TiDB `MemTableReaderExec`. */
class MemTableScan extends Plan {
  readonly name = 'MemTableScan';
  readonly inputs: readonly Plan[] = [];
  readonly types: readonly SqlType[];
  estimate = PSEUDO_ROWS;
  private readonly table: SystemTable;

  constructor(table: SystemTable) {
    super();
    this.table = table;
    this.types = table.columns.map(([, type]) => type);
  }

  protected override access(): string {
    return `table:${this.table.name}`;
  }

  protected start(ctx: StatementContext): Executor {
    const rows = this.table.rows();
    const columns = this.types.map((type, at) => {
      const column = columnFor(type, ctx);
      for (const row of rows) column.push(toStored(row[at] ?? null, type));
      return column;
    });
    return new ReadyChunk({ columns, length: rows.length });
  }
}

/** Plans reading a table of the system. */
export function planSystemTable(table: SystemTable): PlannedQuery {
  return {
    plan: new MemTableScan(table),
    names: table.columns.map(([name]) => name),
    columns: table.columns.map(([name]) => ({
      label: `information_schema.${table.name.toLowerCase()}.${name.toLowerCase()}`,
      distinct: PSEUDO_ROWS,
    })),
  };
}
