import type { NotNull } from './coerce.ts';
import { RowBuffer } from './columns.ts';
import { orderOf } from './compare.ts';
import type { Compiled, StatementContext } from './context.ts';
import type { SortKey } from './order.ts';
import type { Value } from './value.ts';

/** The rows of one partition, in order, as far as they have been read. */
export class WindowPartition {
  readonly ctx: StatementContext;
  readonly rows = new RowBuffer();
  readonly orderBy: readonly SortKey[];
  /** No more rows will come. */
  whole = false;

  constructor(ctx: StatementContext, orderBy: readonly SortKey[]) {
    this.ctx = ctx;
    this.orderBy = orderBy;
  }

  /** Rows so far. */
  get length(): number {
    return this.rows.length;
  }

  /** The value of a column, or a constant, in a row. */
  value(compiled: Compiled, row: number): Value {
    return compiled.evaluate(this.ctx, this.rows, row);
  }

  /** Whether two rows are equal in all keys of ORDER BY; without any all rows are. */
  arePeers(a: number, b: number): boolean {
    return this.orderBy.every(({ compiled }) => {
      const x = this.value(compiled, a);
      const y = this.value(compiled, b);
      if (x === null || y === null) return x === y;
      return orderOf(compiled.type.kind)(x as NotNull, y as NotNull) === 0;
    });
  }
}
