import type { Column } from '../../column.ts';
import type { Key, Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { TableInfo } from '../sql/catalog.ts';
import { recordKey } from '../sql/catalog-keys.ts';
import type { StatementContext } from './context.ts';
import { type Change, type Setting, sameRow, updatedRow } from './insert.ts';
import { drain, type ExplainNode, type Plan } from './plan.ts';
import { lockForUpdate } from './select-lock.ts';
import { removeRow, replaceRow, type TableRow } from './write-row.ts';

/** UPDATE or DELETE of one table: reads rows, locks them, changes them. */
export class ModifyRows implements Change {
  private readonly table: TableInfo;
  /** Gives all columns of the table, in order. */
  private readonly rows: Plan;
  /** Undefined: DELETE. */
  private readonly settings: readonly Setting[] | undefined;

  constructor(table: TableInfo, rows: Plan, settings: readonly Setting[] | undefined) {
    this.table = table;
    this.rows = rows;
    this.settings = settings;
  }

  explain(): ExplainNode {
    const name = this.settings === undefined ? 'Delete' : 'Update';
    const children = [this.rows.explain()];
    return { name, rows: 0, task: 'root', access: '', info: 'N/A', children };
  }

  *run(ctx: StatementContext): Wait<void> {
    ctx.strict = true;
    const rows: Stored[][] = [];
    for (const chunk of yield* drain(this.rows.open(ctx))) {
      for (let at = 0; at < chunk.length; at++) {
        rows.push(chunk.columns.map((column: Column) => column.get(at)));
      }
    }
    if (rows.length === 0) return;
    yield* lockForUpdate(
      ctx,
      rows.map((row) => recordKey(this.table, row)),
    );
    const unique: Key[] = [];
    for (const row of rows) unique.push(...this.change(ctx, row));
    if (unique.length > 0) yield* lockForUpdate(ctx, unique);
  }

  private change(ctx: StatementContext, row: TableRow): Key[] {
    if (this.settings === undefined) {
      removeRow(ctx.txn, this.table, row);
      ctx.affectedRows++;
      return [];
    }
    const after = updatedRow(ctx, this.table, row, this.settings);
    if (sameRow(row, after)) return [];
    ctx.affectedRows++;
    return replaceRow(ctx.txn, this.table, row, after);
  }
}
