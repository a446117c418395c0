import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { chunkBytes } from '../memory/chunk-bytes.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { adjust } from './adjust.ts';
import { view } from './columns.ts';
import type { StatementContext } from './context.ts';
import { LimitExecutor, type RowWindow, windowOf } from './limit.ts';
import type { SortKey } from './order.ts';
import { Pages } from './pages.ts';
import { type Executor, Plan, ReadyChunk } from './plan.ts';
import { TopRows } from './top-rows.ts';

/** Chunk and place of a row, four bytes each. */
const ROW_POINTER = 8;

/** What a running TopN needs. */
interface TopNOptions {
  readonly ctx: StatementContext;
  readonly id: number;
  readonly child: Executor;
  readonly keys: readonly SortKey[];
  readonly types: readonly SqlType[];
  readonly offset: number;
  readonly count: number;
}

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
    const { id, keys, types } = this;
    return new TopNExecutor({ ctx, id, child, keys, types, offset, count });
  }
}

class TopNExecutor implements Executor {
  private readonly options: TopNOptions;
  private readonly tracker: Tracker;
  private result: Pages | undefined = undefined;

  constructor(options: TopNOptions) {
    this.options = options;
    this.tracker = options.ctx.memory.newExecutorTracker(options.id);
  }

  *next(): Wait<Chunk | undefined> {
    if (this.result !== undefined) return this.result.next();
    const { ctx, child, keys, types, offset, count } = this.options;
    const kept = new TopRows(ctx, keys, offset + count);
    let bytes = 0;
    for (;;) {
      const chunk = yield* child.next();
      if (chunk === undefined) break;
      kept.add(chunk);
      const now = heldBytes(kept.rows, types);
      yield* adjust(this.tracker, now - bytes);
      bytes = now;
    }
    const sorted = kept.result();
    const wanted = Math.max(0, sorted.length - offset);
    const rows = offset === 0 ? sorted : view(sorted, Math.min(offset, sorted.length), wanted);
    this.result = new Pages(rows, MAX_CHUNK_ROWS);
    return this.result.next();
  }

  close(): void {
    this.options.child.close();
    this.tracker.release(this.tracker.consumed);
  }
}

/** Rows in chunks of full size, and a pointer to each. Source: TiDB `TopNExec.rowChunks`. */
function heldBytes(rows: Chunk, types: readonly SqlType[]): number {
  const room = Math.ceil(rows.length / MAX_CHUNK_ROWS) * MAX_CHUNK_ROWS;
  return chunkBytes(rows, types, room) + ROW_POINTER * rows.length;
}
