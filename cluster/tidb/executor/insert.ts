import { SqlError } from '../../errors.ts';
import type { Key, Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import { type ColumnInfo, type TableInfo, visibleColumns } from '../sql/catalog.ts';
import { type Assigned, assign, assignAll, sameRow } from './assign.ts';
import { type Compiled, NO_ROW, type StatementContext } from './context.ts';
import { duplicateOf } from './duplicate.ts';
import { drain, type ExplainNode, type NextId, type Plan } from './plan.ts';
import { pausing } from './sleep.ts';
import { fromStored, readValue } from './value.ts';
import {
  addedKeys,
  addRow,
  lockAbsent,
  removeRow,
  replaceRow,
  type TableRow,
  uniqueKeys,
} from './write-row.ts';

/** A change of rows: run for its effect. */
export interface Change {
  /** Numbers its operators: see `Plan.assignIds`. */
  assignIds(next: NextId): void;
  explain(): ExplainNode;
  run(ctx: StatementContext): Wait<void>;
}

/** What an INSERT does. */
export interface InsertOptions {
  readonly table: TableInfo;
  /** Offsets of the columns that values are given for, in order. */
  readonly columns: readonly number[];
  /** Rows of VALUES; undefined is DEFAULT. Or a query. */
  readonly source: readonly (readonly (Compiled | undefined)[])[] | Plan;
  readonly mode: 'insert' | 'ignore' | 'replace';
  readonly onDuplicate: readonly Assigned[];
}

/**
 * INSERT and REPLACE: rows go into the transaction's buffer, then the keys that must be absent are
 * locked in one call, which checks that they are. Source: TiDB `executor/insert.go`, `replace.go`.
 */
export class InsertExecutor implements Change {
  private readonly options: InsertOptions;
  private id = 0;
  /** Duplicates are looked for before writing instead of being refused by the lock. */
  private readonly careful: boolean;

  constructor(options: InsertOptions) {
    this.options = options;
    this.careful = options.mode !== 'insert' || options.onDuplicate.length > 0;
  }

  assignIds(next: NextId): void {
    this.id = next();
    const { source } = this.options;
    if ('explain' in source) source.assignIds(next);
  }

  explain(): ExplainNode {
    const { source } = this.options;
    const children = 'explain' in source ? [source.explain()] : [];
    return {
      id: this.id,
      name: 'Insert',
      rows: undefined,
      task: 'root',
      access: '',
      info: 'N/A',
      children,
    };
  }

  *run(ctx: StatementContext): Wait<void> {
    ctx.strict = this.options.mode !== 'ignore';
    const rows = yield* this.rows(ctx);
    const unique: Key[] = [];
    for (const row of rows) {
      if (this.careful) yield* this.insertCarefully(ctx, row);
      else {
        unique.push(...addRow(ctx.txn, this.options.table, row));
        ctx.affectedRows++;
      }
      yield* ctx.memory.buffered(ctx.txn.buffer.bytes);
    }
    yield* lockAbsent(ctx, unique);
  }

  private *rows(ctx: StatementContext): Wait<TableRow[]> {
    const { source, columns, table } = this.options;
    const rows: Stored[][] = [];
    if (!('explain' in source)) {
      for (const given of source) {
        rows.push(yield* pausing(ctx, () => this.rowOfValues(ctx, given, rows.length + 1)));
      }
    } else {
      for (const chunk of yield* drain(source.open(ctx))) {
        for (let at = 0; at < chunk.length; at++) {
          const row = this.emptyRow(ctx);
          for (const [i, offset] of columns.entries()) {
            const type = source.types[i] as Compiled['type'];
            const column = table.columns[offset] as ColumnInfo;
            const value = readValue(chunk.columns[i] as never, at, type);
            row[offset] = assign(value, type, column, ctx, rows.length + 1);
          }
          rows.push(row);
        }
      }
    }
    yield* this.number(ctx, rows);
    return rows;
  }

  private rowOfValues(
    ctx: StatementContext,
    given: readonly (Compiled | undefined)[],
    number: number,
  ): Stored[] {
    const { columns, table } = this.options;
    const row = this.emptyRow(ctx);
    for (let i = 0; i < columns.length; i++) {
      const offset = columns[i] as number;
      const column = table.columns[offset] as ColumnInfo;
      const compiled = given[i];
      if (compiled === undefined) continue;
      const value = compiled.evaluate(ctx, NO_ROW, 0);
      if (value === null && column.autoIncrement) row[offset] = null;
      else row[offset] = assign(value, compiled.type, column, ctx, number);
    }
    return row;
  }

  /** Defaults everywhere; a column without one that gets no value is error 1364. */
  private emptyRow(ctx: StatementContext): Stored[] {
    const { table, columns } = this.options;
    const row: Stored[] = new Array(table.columns.length);
    for (const column of table.columns) row[column.offset] = this.defaultOf(ctx, column, columns);
    return row;
  }

  private defaultOf(ctx: StatementContext, column: ColumnInfo, given: readonly number[]): Stored {
    const { defaultValue } = column;
    if (defaultValue.kind === 'value') return defaultValue.value;
    if (defaultValue.kind === 'now') return ctx.nowUs;
    const silent = column.nullable || column.autoIncrement || column.hidden;
    if (silent || given.includes(column.offset)) return null;
    throw new SqlError(1364, `Field '${column.name}' doesn't have a default value`);
  }

  /** Gives AUTO_INCREMENT columns and hidden row ids their numbers. */
  private *number(ctx: StatementContext, rows: readonly Stored[][]): Wait<void> {
    const { table } = this.options;
    const auto = table.clustered ? table.autoColumn : (table.handle[0] as number);
    if (table.autoColumn !== undefined && table.autoColumn !== auto) {
      yield* this.numberColumn(ctx, rows, table.autoColumn, true);
    }
    if (auto !== undefined) yield* this.numberColumn(ctx, rows, auto, auto === table.autoColumn);
  }

  private *numberColumn(
    ctx: StatementContext,
    rows: readonly Stored[][],
    offset: number,
    visible: boolean,
  ): Wait<void> {
    const { id } = this.options.table;
    for (const row of rows) {
      const given = row[offset];
      if (given !== null && given !== undefined && given !== 0) {
        ctx.session.reserveIds(id, given as number | bigint);
        continue;
      }
      row[offset] = yield* ctx.session.nextIds(id, 1);
      if (visible && ctx.generatedId === 0) ctx.generatedId = row[offset] as number;
    }
  }

  /** Looks for duplicates first; the keys are locked then, and known to be free. */
  private *insertCarefully(ctx: StatementContext, row: TableRow): Wait<void> {
    const { table, mode, onDuplicate } = this.options;
    for (;;) {
      const existing = yield* duplicateOf(ctx, table, uniqueKeys(table, row));
      if (existing === undefined) {
        ctx.affectedRows++;
        addRow(ctx.txn, table, row);
        return;
      }
      if (onDuplicate.length > 0) {
        yield* this.updateInstead(ctx, existing.row, row);
        return;
      }
      if (mode === 'ignore') {
        ctx.warn(1062, existing.message);
        return;
      }
      ctx.affectedRows++;
      // REPLACE by the same row changes nothing, and counts once.
      if (this.isRepeated(existing.row, row)) return;
      removeRow(ctx.txn, table, existing.row);
    }
  }

  private isRepeated(before: TableRow, after: TableRow): boolean {
    return visibleColumns(this.options.table).every(
      ({ offset }) => before[offset] === after[offset],
    );
  }

  private *updateInstead(ctx: StatementContext, row: TableRow, wanted: TableRow): Wait<void> {
    const { table, mode, onDuplicate } = this.options;
    ctx.inserted = wanted.map((value, offset) =>
      fromStored(value, (table.columns[offset] as ColumnInfo).type),
    );
    const after = assignAll(ctx, row, onDuplicate);
    if (sameRow(row, after)) return;
    for (const { onUpdateNow, offset } of table.columns) {
      if (onUpdateNow && !onDuplicate.some(({ at }) => at === offset)) after[offset] = ctx.nowUs;
    }
    const other = yield* duplicateOf(ctx, table, addedKeys(table, row, after));
    if (other !== undefined) {
      if (mode !== 'ignore') throw new SqlError(1062, other.message);
      ctx.warn(1062, other.message);
      return;
    }
    ctx.affectedRows += 2;
    replaceRow(ctx.txn, table, row, after);
  }
}
