import type { Column } from '../../column.ts';
import type { Key, Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { TableInfo } from '../sql/catalog.ts';
import { recordKey } from '../sql/catalog-keys.ts';
import { type Assigned, assignAll, sameRow } from './assign.ts';
import type { StatementContext } from './context.ts';
import { duplicateOf } from './duplicate.ts';
import type { Change } from './insert.ts';
import { drain, type ExplainNode, type NextId, type Plan } from './plan.ts';
import { lockForUpdate } from './select-lock.ts';
import { pausing } from './sleep.ts';
import { addedKeys, lockAbsent, removeRow, replaceRow, type TableRow } from './write-row.ts';

/** A table that a statement changes, and where the rows read hold its columns. */
export interface ModifiedTable {
  readonly table: TableInfo;
  /** Positions of all columns of the table, in order. */
  readonly columns: readonly number[];
}

/** An UPDATE or DELETE. */
export interface ModifyOptions {
  /** The rows concerned, of all tables of the statement side by side. */
  readonly rows: Plan;
  readonly tables: readonly ModifiedTable[];
  /** Undefined: DELETE. */
  readonly assignments: readonly Assigned[] | undefined;
  readonly ignore: boolean;
}

/**
 * UPDATE or DELETE of one table or several: reads rows, locks them, changes them. A row of a table
 * that meets several of another is changed once. Source: TiDB `executor/update.go`, `delete.go`.
 */
export class ModifyRows implements Change {
  private readonly options: ModifyOptions;
  private id = 0;

  constructor(options: ModifyOptions) {
    this.options = options;
  }

  assignIds(next: NextId): void {
    this.id = next();
    this.options.rows.assignIds(next);
  }

  explain(): ExplainNode {
    const name = this.options.assignments === undefined ? 'Delete' : 'Update';
    const children = [this.options.rows.explain()];
    return { id: this.id, name, rows: undefined, task: 'root', access: '', info: 'N/A', children };
  }

  *run(ctx: StatementContext): Wait<void> {
    ctx.strict = !this.options.ignore;
    const rows = yield* this.read(ctx);
    const concerned = new Map<string, Key>();
    for (const row of rows) {
      for (const target of this.options.tables) {
        const key = keyOf(target, row);
        if (key !== undefined) concerned.set(key.encoded, key);
      }
    }
    if (concerned.size === 0) return;
    yield* lockForUpdate(ctx, [...concerned.values()]);
    const unique: Key[] = [];
    for (const row of rows) {
      const after = this.options.assignments;
      const changed =
        after === undefined ? undefined : yield* pausing(ctx, () => assignAll(ctx, row, after));
      for (const target of this.options.tables) {
        const key = keyOf(target, row);
        if (key === undefined || !concerned.delete(key.encoded)) continue;
        unique.push(...(yield* this.change(ctx, target, row, changed)));
        yield* ctx.memory.buffered(ctx.txn.buffer.bytes);
      }
    }
    yield* lockAbsent(ctx, unique);
  }

  private *read(ctx: StatementContext): Wait<Stored[][]> {
    const rows: Stored[][] = [];
    for (const chunk of yield* drain(this.options.rows.open(ctx))) {
      for (let at = 0; at < chunk.length; at++) {
        rows.push(chunk.columns.map((column: Column) => column.get(at)));
      }
    }
    return rows;
  }

  /** Changes one row of one table; the keys that must have been absent. */
  private *change(
    ctx: StatementContext,
    { table, columns }: ModifiedTable,
    row: TableRow,
    changed: TableRow | undefined,
  ): Wait<Key[]> {
    const before = columns.map((at) => row[at] as Stored);
    if (changed === undefined) {
      removeRow(ctx.txn, table, before);
      ctx.affectedRows++;
      return [];
    }
    const after = columns.map((at) => changed[at] as Stored);
    if (sameRow(before, after)) return [];
    for (const column of table.columns) {
      const { offset } = column;
      if (column.onUpdateNow && before[offset] === after[offset] && !this.sets(columns[offset])) {
        after[offset] = ctx.nowUs;
      }
    }
    if (this.options.ignore && (yield* this.collides(ctx, table, before, after))) return [];
    ctx.affectedRows++;
    return replaceRow(ctx.txn, table, before, after);
  }

  private sets(position: number | undefined): boolean {
    return this.options.assignments?.some(({ at }) => at === position) === true;
  }

  /** IGNORE: a row whose new keys are taken stays as it is. */
  private *collides(
    ctx: StatementContext,
    table: TableInfo,
    before: TableRow,
    after: TableRow,
  ): Wait<boolean> {
    const found = yield* duplicateOf(ctx, table, addedKeys(table, before, after));
    if (found === undefined) return false;
    ctx.warn(1062, found.message);
    return true;
  }
}

/** The key of a table's row among joined ones; undefined where an outer join found none. */
function keyOf({ table, columns }: ModifiedTable, row: TableRow): Key | undefined {
  const [first] = table.handle;
  if (first === undefined || row[columns[first] as number] === null) return undefined;
  return recordKey(
    table,
    columns.map((at) => row[at] as Stored),
  );
}
