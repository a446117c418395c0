import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { RowBuffer, take } from './columns.ts';
import type { StatementContext } from './context.ts';
import { rowOrder, type SortKey } from './order.ts';
import { type Executor, Plan } from './plan.ts';

/** Sorts everything. Rows that compare equal keep their order. */
export class Sort extends Plan {
  readonly name = 'Sort';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly keys: readonly SortKey[];

  constructor(child: Plan, keys: readonly SortKey[], info: string) {
    super();
    this.child = child;
    this.inputs = [child];
    this.keys = keys;
    this.info = info;
    this.types = child.types;
    this.estimate = child.estimate;
  }

  protected start(ctx: StatementContext): Executor {
    return new SortExecutor(ctx, this.child.open(ctx), this.keys);
  }
}

class SortExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly keys: readonly SortKey[];
  private readonly rows = new RowBuffer();
  private sorted: Int32Array | undefined = undefined;
  private at = 0;

  constructor(ctx: StatementContext, child: Executor, keys: readonly SortKey[]) {
    this.ctx = ctx;
    this.child = child;
    this.keys = keys;
  }

  *next(): Wait<Chunk | undefined> {
    this.sorted ??= yield* this.sortAll();
    const count = Math.min(MAX_CHUNK_ROWS, this.sorted.length - this.at);
    if (count === 0) return undefined;
    const rows = this.sorted.subarray(this.at, this.at + count);
    this.at += count;
    return take(this.rows, rows, 0, count);
  }

  close(): void {
    this.child.close();
  }

  private *sortAll(): Wait<Int32Array> {
    for (;;) {
      const chunk = yield* this.child.next();
      if (chunk === undefined) break;
      this.rows.append(chunk);
    }
    if (this.rows.length === 0) return new Int32Array(0);
    const sorted = Int32Array.from({ length: this.rows.length }, (_, row) => row);
    return sorted.sort(rowOrder(this.ctx, this.rows, this.keys));
  }
}
