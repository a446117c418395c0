import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { truth } from './coerce.ts';
import { take } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { type Executor, Plan } from './plan.ts';
import { pausing } from './sleep.ts';

/** Lets pass the rows for which every condition is true. */
export class Selection extends Plan {
  readonly name = 'Selection';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly conditions: readonly Compiled[];

  constructor(child: Plan, conditions: readonly Compiled[], info: string) {
    super();
    this.child = child;
    this.inputs = [child];
    this.conditions = conditions;
    this.info = info;
    this.types = child.types;
    this.estimate = child.estimate * 0.8;
  }

  protected start(ctx: StatementContext): Executor {
    return new SelectionExecutor(ctx, this.child.open(ctx), this.conditions);
  }
}

class SelectionExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly conditions: readonly Compiled[];

  constructor(ctx: StatementContext, child: Executor, conditions: readonly Compiled[]) {
    this.ctx = ctx;
    this.child = child;
    this.conditions = conditions;
  }

  *next(): Wait<Chunk | undefined> {
    for (;;) {
      const chunk = yield* this.child.next();
      if (chunk === undefined) return undefined;
      const kept = yield* pausing(this.ctx, () => filterChunk(this.ctx, chunk, this.conditions));
      if (kept.length > 0) return kept;
    }
  }

  close(): void {
    this.child.close();
  }
}

/** The rows of a chunk for which every condition is true. */
export function filterChunk(
  ctx: StatementContext,
  chunk: Chunk,
  conditions: readonly Compiled[],
): Chunk {
  const rows = new Int32Array(chunk.length);
  const count = selectRows(ctx, chunk, conditions, rows);
  return count === chunk.length ? chunk : take(chunk, rows, 0, count);
}

/** Writes the numbers of the rows that satisfy every condition into `rows`; how many they are. */
export function selectRows(
  ctx: StatementContext,
  chunk: Chunk,
  conditions: readonly Compiled[],
  rows: Int32Array,
): number {
  let count = 0;
  for (let row = 0; row < chunk.length; row++) {
    let passes = true;
    for (let i = 0; i < conditions.length && passes; i++) {
      const { evaluate, type } = conditions[i] as Compiled;
      passes = truth(evaluate(ctx, chunk, row), type, ctx) === true;
    }
    if (passes) rows[count++] = row;
  }
  return count;
}
