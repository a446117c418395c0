import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { computeColumn } from './columns.ts';
import type { StatementContext } from './context.ts';
import { rowOrder, type SortKey } from './order.ts';
import type { SpillableRows } from './spillable-rows.ts';

/**
 * Rows that are sorted together: all of them, or as many as came before the quota was exceeded.
 * What is sorted are their numbers; the rows stay, and are spilled, in the order in which they
 * came.
 */
export class SortPartition {
  readonly rows: SpillableRows;
  /** Key columns of the rows at hand. */
  keys: readonly Column[] = [];
  /** The rows at hand, in order. */
  batch: Chunk = { columns: [], length: 0 };
  /** Which of them is next. */
  at = 0;
  private readonly ctx: StatementContext;
  private readonly by: readonly SortKey[];
  private order: Int32Array | undefined = undefined;
  private read = 0;

  constructor(ctx: StatementContext, by: readonly SortKey[], rows: SpillableRows) {
    this.ctx = ctx;
    this.by = by;
    this.rows = rows;
  }

  /** No more rows will come. They must still be in memory, be it that they are on disk too. */
  sortRows(): void {
    const { inMemory } = this.rows;
    if (inMemory === undefined) throw new Error('rows are sorted before they are forgotten');
    const order = Int32Array.from({ length: inMemory.length }, (_, row) => row);
    if (order.length > 0) order.sort(rowOrder(this.ctx, inMemory, this.by));
    this.order = order;
  }

  /** Moves on to the next row that has not been given. False: there is none. */
  *advance(): Wait<boolean> {
    if (++this.at < this.batch.length) return true;
    return yield* this.fetch();
  }

  /** Reads the next rows in order. False: there are none. */
  *fetch(): Wait<boolean> {
    const { order, ctx, read } = this;
    if (order === undefined) throw new Error('a partition is read before it is sorted');
    const numbers = order.subarray(read, read + MAX_CHUNK_ROWS);
    this.read += numbers.length;
    this.at = 0;
    this.batch = { columns: [], length: 0 };
    if (numbers.length === 0) return false;
    this.batch = yield* this.rows.gather(ctx, numbers, numbers.length);
    this.keys = this.by.map(({ compiled }) => computeColumn(ctx, compiled, this.batch));
    return true;
  }

  close(): void {
    this.rows.close();
  }
}
