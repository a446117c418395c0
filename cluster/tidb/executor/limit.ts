import { SqlError } from '../../errors.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { take } from './columns.ts';
import { type Compiled, constantValue, type StatementContext } from './context.ts';
import { type Executor, Plan, ReadyChunk } from './plan.ts';

/** LIMIT count OFFSET offset, known when the statement runs. */
export interface RowWindow {
  readonly count: Compiled;
  readonly offset: Compiled | undefined;
}

/** The numbers of a LIMIT. Throws 1210 for what is not a count. */
export function windowOf(
  ctx: StatementContext,
  window: RowWindow,
): { readonly offset: number; readonly count: number } {
  const offset = window.offset === undefined ? 0 : rowCount(ctx, window.offset);
  return { offset, count: rowCount(ctx, window.count) };
}

function rowCount(ctx: StatementContext, compiled: Compiled): number {
  const value = constantValue(compiled, ctx);
  const valid = (typeof value === 'number' || typeof value === 'bigint') && value >= 0;
  if (!valid) throw new SqlError(1210, 'Incorrect arguments to LIMIT');
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

/** Passes on a window of the rows, in the order in which they come. */
export class Limit extends Plan {
  readonly name = 'Limit';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly window: RowWindow;

  constructor(child: Plan, window: RowWindow, info: string) {
    super();
    this.child = child;
    this.inputs = [child];
    this.window = window;
    this.info = info;
    this.types = child.types;
    this.estimate = Math.min(child.estimate, 1);
  }

  protected start(ctx: StatementContext): Executor {
    const { offset, count } = windowOf(ctx, this.window);
    if (count === 0) return new ReadyChunk(undefined);
    return new LimitExecutor(this.child.open(ctx), offset, count);
  }
}

/** Skips `offset` rows, then gives `count`. */
export class LimitExecutor implements Executor {
  private readonly child: Executor;
  private skip: number;
  private left: number;

  constructor(child: Executor, offset: number, count: number) {
    this.child = child;
    this.skip = offset;
    this.left = count;
  }

  *next(): Wait<Chunk | undefined> {
    while (this.left > 0) {
      const chunk = yield* this.child.next();
      if (chunk === undefined) return undefined;
      const from = Math.min(this.skip, chunk.length);
      this.skip -= from;
      const count = Math.min(this.left, chunk.length - from);
      if (count === 0) continue;
      this.left -= count;
      return count === chunk.length ? chunk : take(chunk, undefined, from, count);
    }
    this.child.close();
    return undefined;
  }

  close(): void {
    this.child.close();
  }
}
