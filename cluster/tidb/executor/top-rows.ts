import type { Chunk } from '../chunk.ts';
import { RowBuffer, take } from './columns.ts';
import type { StatementContext } from './context.ts';
import { rowOrder, type SortKey } from './order.ts';

/** So many rows are kept unsorted before they are cut down again. */
const SLACK_ROWS = 4096;

/** Keeps of all rows that it is given those that come first in an order. Ties are broken freely. */
export class TopRows {
  private readonly ctx: StatementContext;
  private readonly keys: readonly SortKey[];
  private readonly wanted: number;
  private buffer = new RowBuffer();

  constructor(ctx: StatementContext, keys: readonly SortKey[], wanted: number) {
    this.ctx = ctx;
    this.keys = keys;
    this.wanted = wanted;
  }

  /** Rows kept now. */
  get rows(): Chunk {
    return this.buffer;
  }

  /** Takes rows in; the chunk is only read. */
  add(chunk: Chunk): void {
    this.buffer.adopt(this.best(chunk));
    if (this.buffer.length > this.wanted + SLACK_ROWS) this.cut();
  }

  /** The first rows, in order. */
  result(): Chunk {
    this.cut();
    return this.buffer;
  }

  private cut(): void {
    if (this.buffer.length <= 1) return;
    const best = this.best(this.buffer);
    this.buffer = new RowBuffer();
    this.buffer.adopt(best);
  }

  /** The first rows of a chunk in order, as many as are wanted. */
  private best(chunk: Chunk): Chunk {
    const order = rowOrder(this.ctx, chunk, this.keys);
    if (this.wanted === 1) {
      let first = 0;
      for (let row = 1; row < chunk.length; row++) if (order(row, first) < 0) first = row;
      return take(chunk, undefined, first, Math.min(1, chunk.length));
    }
    const rows = Int32Array.from({ length: chunk.length }, (_, row) => row).sort(order);
    return take(chunk, rows, 0, Math.min(this.wanted, chunk.length));
  }
}
