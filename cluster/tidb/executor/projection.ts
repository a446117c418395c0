import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { computeColumn } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { type Executor, Plan } from './plan.ts';
import { pausing } from './sleep.ts';

/** Computes columns; those that merely repeat one of the child's are passed on as they are. */
export class Projection extends Plan {
  readonly name = 'Projection';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly items: readonly Compiled[];

  constructor(child: Plan, items: readonly Compiled[], info: string) {
    super();
    this.child = child;
    this.inputs = [child];
    this.items = items;
    this.info = info;
    this.types = items.map((item) => item.type);
    this.estimate = child.estimate;
    const reads = columnsRead(items, child.types.length);
    if (reads !== undefined) child.wanting(reads);
  }

  protected start(ctx: StatementContext): Executor {
    return new ProjectionExecutor(ctx, this.child.open(ctx), this.items);
  }
}

/** Which columns are merely repeated, if that is all that is done with them. */
function columnsRead(items: readonly Compiled[], width: number): boolean[] | undefined {
  const reads = new Array<boolean>(width).fill(false);
  for (const { column, constant } of items) {
    if (column !== undefined) reads[column] = true;
    else if (!constant) return undefined;
  }
  return reads;
}

class ProjectionExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly items: readonly Compiled[];
  /** Nothing is computed: nothing can come to a SLEEP. */
  private readonly repeats: boolean;

  constructor(ctx: StatementContext, child: Executor, items: readonly Compiled[]) {
    this.ctx = ctx;
    this.child = child;
    this.items = items;
    this.repeats = items.every(({ column }) => column !== undefined);
  }

  *next(): Wait<Chunk | undefined> {
    const chunk = yield* this.child.next();
    if (chunk === undefined) return undefined;
    const { ctx, items, repeats } = this;
    const columns = repeats
      ? computeColumns(ctx, items, chunk)
      : yield* pausing(ctx, () => computeColumns(ctx, items, chunk));
    return { columns, length: chunk.length };
  }

  close(): void {
    this.child.close();
  }
}

function computeColumns(
  ctx: StatementContext,
  items: readonly Compiled[],
  chunk: Chunk,
): readonly Column[] {
  return items.map((item) => computeColumn(ctx, item, chunk));
}

/** One row without columns: what SELECT without FROM reads. */
export class TableDual extends Plan {
  readonly name = 'TableDual';
  readonly inputs: readonly Plan[] = [];
  readonly types: readonly SqlType[] = [];
  readonly estimate: 0 | 1;
  override readonly info: string;

  /** @param rows 1, or 0 for a condition that can never hold */
  constructor(rows: 0 | 1) {
    super();
    this.estimate = rows;
    this.info = `rows:${rows}`;
  }

  protected start(): Executor {
    return new DualExecutor(this.estimate);
  }
}

class DualExecutor implements Executor {
  private left: number;

  constructor(rows: number) {
    this.left = rows;
  }

  // biome-ignore lint/correctness/useYield: an operator that never waits
  *next(): Wait<Chunk | undefined> {
    if (this.left === 0) return undefined;
    this.left = 0;
    return { columns: [], length: 1 };
  }

  close(): void {
    this.left = 0;
  }
}
