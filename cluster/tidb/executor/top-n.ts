import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { RowBuffer, take } from './columns.ts';
import type { StatementContext } from './context.ts';
import { LimitExecutor, type RowWindow, windowOf } from './limit.ts';
import { rowOrder, type SortKey } from './order.ts';
import { type Executor, Plan, ReadyChunk } from './plan.ts';

/** ORDER BY with LIMIT: keeps only the rows that can still be among the first. */
export class TopN extends Plan {
  readonly name = 'TopN';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly keys: readonly SortKey[];
  private readonly window: RowWindow;

  constructor(child: Plan, keys: readonly SortKey[], window: RowWindow, info: string) {
    super();
    this.child = child;
    this.inputs = [child];
    this.keys = keys;
    this.window = window;
    this.info = info;
    this.types = child.types;
    this.estimate = Math.min(child.estimate, 1);
  }

  protected start(ctx: StatementContext): Executor {
    const { offset, count } = windowOf(ctx, this.window);
    if (count === 0) return new ReadyChunk(undefined);
    const child = this.child.open(ctx);
    if (ctx.bugs.has('sql.limitBeforeOrder')) return new LimitExecutor(child, offset, count);
    return new TopNExecutor(ctx, child, this.keys, offset, count);
  }
}

/** So many rows are kept unsorted before they are cut down again. */
const SLACK_ROWS = 4096;

class TopNExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly keys: readonly SortKey[];
  private readonly offset: number;
  private readonly wanted: number;
  private result: Executor | undefined = undefined;

  constructor(
    ctx: StatementContext,
    child: Executor,
    keys: readonly SortKey[],
    offset: number,
    count: number,
  ) {
    this.ctx = ctx;
    this.child = child;
    this.keys = keys;
    this.offset = offset;
    this.wanted = offset + count;
  }

  *next(): Wait<Chunk | undefined> {
    this.result ??= yield* this.collect();
    return yield* this.result.next();
  }

  close(): void {
    this.child.close();
  }

  private *collect(): Wait<Executor> {
    let kept: Chunk | undefined;
    let buffer: RowBuffer | undefined;
    for (;;) {
      const chunk = yield* this.child.next();
      if (chunk === undefined) break;
      const best = this.best(chunk);
      if (kept === undefined) {
        kept = best;
        continue;
      }
      if (buffer === undefined) {
        buffer = new RowBuffer();
        buffer.append(kept);
        kept = buffer;
      }
      buffer.append(best);
      if (buffer.length > this.wanted + SLACK_ROWS) {
        const cut = this.best(buffer);
        buffer = new RowBuffer();
        buffer.append(cut);
        kept = buffer;
      }
    }
    if (kept === undefined) return new ReadyChunk(undefined);
    const sorted = buffer === undefined ? kept : this.best(kept);
    const count = sorted.length - this.offset;
    return new ReadyChunk(
      this.offset === 0 || count <= 0
        ? { columns: sorted.columns, length: Math.max(0, count) }
        : take(sorted, undefined, this.offset, count),
    );
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
