import { SqlError } from '../../errors.ts';
import type { Key, Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { ColumnInfo, TableInfo } from '../sql/catalog.ts';
import { handleOfEntry, indexKey, recordKey, rowOf } from '../sql/catalog-keys.ts';
import { assign } from './assign.ts';
import { type Compiled, NO_ROW, type StatementContext } from './context.ts';
import { drain, type ExplainNode, type Plan } from './plan.ts';
import { lockForUpdate } from './select-lock.ts';
import { fromStored, readValue } from './value.ts';
import { addRow, removeRow, replaceRow, type TableRow } from './write-row.ts';

/** A change of rows: run for its effect. */
export interface Change {
  explain(): ExplainNode;
  run(ctx: StatementContext): Wait<void>;
}

/** `column = value` of an UPDATE; the value sees the row as the table has it. */
export interface Setting {
  readonly offset: number;
  readonly value: Compiled;
}

/** What an INSERT does. */
export interface InsertOptions {
  readonly table: TableInfo;
  /** Offsets of the columns that values are given for, in order. */
  readonly columns: readonly number[];
  /** Rows of VALUES; undefined is DEFAULT. Or a query. */
  readonly source: readonly (readonly (Compiled | undefined)[])[] | Plan;
  readonly mode: 'insert' | 'ignore' | 'replace';
  readonly onDuplicate: readonly Setting[];
}

/**
 * INSERT and REPLACE: rows go into the transaction's buffer, then the keys that must be absent are
 * locked in one call, which checks that they are. Source: TiDB `executor/insert.go`, `replace.go`.
 */
export class InsertExecutor implements Change {
  private readonly options: InsertOptions;
  /** Duplicates are looked for before writing instead of being refused by the lock. */
  private readonly careful: boolean;

  constructor(options: InsertOptions) {
    this.options = options;
    this.careful = options.mode !== 'insert' || options.onDuplicate.length > 0;
  }

  explain(): ExplainNode {
    const { source } = this.options;
    const children = 'explain' in source ? [source.explain()] : [];
    return { name: 'Insert', rows: 0, task: 'root', access: '', info: 'N/A', children };
  }

  *run(ctx: StatementContext): Wait<void> {
    ctx.strict = this.options.mode !== 'ignore';
    const rows = yield* this.rows(ctx);
    const unique: Key[] = [];
    for (const row of rows) {
      if (this.careful) unique.push(...(yield* this.insertCarefully(ctx, row)));
      else {
        this.refuseOwnDuplicates(ctx, row);
        unique.push(...addRow(ctx.txn, this.options.table, row));
        ctx.affectedRows++;
      }
    }
    if (unique.length > 0) yield* lockForUpdate(ctx, unique);
  }

  private *rows(ctx: StatementContext): Wait<TableRow[]> {
    const { source, columns, table } = this.options;
    const rows: Stored[][] = [];
    if (!('explain' in source)) {
      for (const given of source) rows.push(this.rowOfValues(ctx, given, rows.length + 1));
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

  /** A key this transaction has written itself is a duplicate, which the store cannot know. */
  private refuseOwnDuplicates(ctx: StatementContext, row: TableRow): void {
    const { buffer } = ctx.txn;
    if (buffer.size === 0) return;
    for (const key of this.uniqueKeys(row)) {
      if (buffer.get(key)?.values === undefined) continue;
      const name = key.space.indexId === 0 ? `${key.space.name}.PRIMARY` : key.space.name;
      throw new SqlError(1062, `Duplicate entry '${key.values.join('-')}' for key '${name}'`);
    }
  }

  private uniqueKeys(row: TableRow): Key[] {
    const { table } = this.options;
    const keys = table.clustered ? [recordKey(table, row)] : [];
    for (const index of table.indexes) {
      if (!index.unique || index.columns.some((at) => row[at] === null)) continue;
      keys.push(indexKey(table, index, row));
    }
    return keys;
  }

  private *insertCarefully(ctx: StatementContext, row: TableRow): Wait<Key[]> {
    const { table, mode, onDuplicate } = this.options;
    for (;;) {
      const existing = yield* this.duplicateOf(ctx, row);
      if (existing === undefined) {
        ctx.affectedRows++;
        return addRow(ctx.txn, table, row);
      }
      if (mode === 'ignore') {
        ctx.warn(1062, `Duplicate entry for key in '${table.name}'`);
        return [];
      }
      if (onDuplicate.length > 0) return this.updateInstead(ctx, existing, row);
      removeRow(ctx.txn, table, existing);
      ctx.affectedRows++;
    }
  }

  private *duplicateOf(ctx: StatementContext, row: TableRow): Wait<TableRow | undefined> {
    const { table } = this.options;
    const keys = this.uniqueKeys(row);
    if (keys.length === 0) return undefined;
    yield* ctx.txn.lockKeys(keys, { ...lockWish(ctx), returnValues: false });
    for (const key of keys) {
      const values = yield* currentValues(ctx, key);
      if (values === undefined) continue;
      if (key.space.id === table.records.id) return rowOf(table, key.values, values);
      const index = table.indexes.find(({ space }) => space.id === key.space.id);
      if (index === undefined) continue;
      const handle = handleOfEntry(index, key, values);
      const record = { ...recordKey(table, rowOf(table, handle, [])) };
      const stored = yield* currentValues(ctx, record);
      if (stored !== undefined) return rowOf(table, handle, stored);
    }
    return undefined;
  }

  private updateInstead(ctx: StatementContext, existing: TableRow, wanted: TableRow): Key[] {
    const { table, onDuplicate } = this.options;
    ctx.inserted = wanted.map((value, offset) =>
      fromStored(value, (table.columns[offset] as ColumnInfo).type),
    );
    const after = updatedRow(ctx, table, existing, onDuplicate);
    if (sameRow(existing, after)) return [];
    ctx.affectedRows += 2;
    return replaceRow(ctx.txn, table, existing, after);
  }
}

/** The row after some settings; each sees those before it, as MySQL has it. */
export function updatedRow(
  ctx: StatementContext,
  table: TableInfo,
  row: TableRow,
  settings: readonly Setting[],
): Stored[] {
  const after = [...row];
  const chunk = rowChunk(table, after);
  for (const { offset, value } of settings) {
    const column = table.columns[offset] as ColumnInfo;
    after[offset] = assign(value.evaluate(ctx, chunk, 0), value.type, column, ctx, 1);
  }
  for (const column of table.columns) {
    if (column.onUpdateNow && !settings.some(({ offset }) => offset === column.offset)) {
      if (!sameRow(row, after)) after[column.offset] = ctx.nowUs;
    }
  }
  return after;
}

/** True if two rows are alike. */
export function sameRow(a: TableRow, b: TableRow): boolean {
  return a.every((value, i) => value === b[i]);
}

/** One row looked at as a chunk, values read straight from the tuple. */
function rowChunk(table: TableInfo, row: Stored[]) {
  const columns = table.columns.map(({ offset }) => ({
    kind: 'row' as const,
    get: () => row[offset] as Stored,
  }));
  return { columns: columns as never, length: 1 };
}

/** What a key holds now: the transaction's own change, else the newest committed value. */
function* currentValues(ctx: StatementContext, key: Key): Wait<readonly Stored[] | undefined> {
  const own = ctx.txn.buffer.get(key);
  if (own !== undefined) return own.values;
  return yield* ctx.txn.get(key, ctx.forUpdateTs);
}

function lockWish(ctx: StatementContext) {
  return { forUpdateTs: ctx.forUpdateTs, waitUs: ctx.lockWaitUs, retry: ctx.retry };
}
