import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { columnFor } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { drain, type Executor, type JoinRole, Plan } from './plan.ts';
import { readValue, toStored, type Value } from './value.ts';

/** A column of a surrounding query that a subquery mentions. */
export interface CorrelatedColumn {
  /** Where the subquery looks for it in `ctx.correlated`. */
  readonly slot: number;
  /** Computes it from a row of the surrounding query. */
  readonly source: Compiled;
}

/** A subquery that is run anew for every row, and the expression made of its result. */
export interface AppliedSubquery {
  /** Number of its result in `ctx.subqueries`. */
  readonly index: number;
  readonly plan: Plan;
  readonly columns: readonly CorrelatedColumn[];
  /** EXISTS, IN, a scalar, …; sees the row and the result. */
  readonly value: Compiled;
}

/**
 * Runs a subquery for every row of its child and appends the value made of its result as a column.
 * Source: TiDB `executor/parallel_apply.go`, its serial form.
 */
export class Apply extends Plan {
  readonly name = 'Apply';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  private readonly child: Plan;
  private readonly subquery: AppliedSubquery;

  constructor(child: Plan, subquery: AppliedSubquery) {
    super();
    this.child = child;
    this.inputs = [child, subquery.plan];
    this.subquery = subquery;
    this.types = [...child.types, subquery.value.type];
    this.estimate = child.estimate;
  }

  protected override roleOf(input: Plan): JoinRole {
    return input === this.child ? 'Build' : 'Probe';
  }

  protected start(ctx: StatementContext): Executor {
    return new ApplyExecutor(ctx, this.child.open(ctx), this.subquery);
  }
}

class ApplyExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly subquery: AppliedSubquery;

  constructor(ctx: StatementContext, child: Executor, subquery: AppliedSubquery) {
    this.ctx = ctx;
    this.child = child;
    this.subquery = subquery;
  }

  *next(): Wait<Chunk | undefined> {
    const chunk = yield* this.child.next();
    if (chunk === undefined) return undefined;
    const { type } = this.subquery.value;
    const column = columnFor(type, this.ctx, chunk.length);
    for (let row = 0; row < chunk.length; row++) {
      column.push(toStored(yield* this.valueFor(chunk, row), type));
    }
    return { columns: [...chunk.columns, column], length: chunk.length };
  }

  close(): void {
    this.child.close();
  }

  private *valueFor(chunk: Chunk, row: number): Wait<Value> {
    const { ctx } = this;
    const { index, plan, columns, value } = this.subquery;
    for (const { slot, source } of columns) {
      ctx.correlated[slot] = source.evaluate(ctx, chunk, row);
    }
    ctx.subqueries[index] = { types: plan.types, rows: yield* collectRows(ctx, plan) };
    return value.evaluate(ctx, chunk, row);
  }
}

/** Runs a plan to its end; its rows as values. */
export function* collectRows(ctx: StatementContext, plan: Plan): Wait<Value[][]> {
  const rows: Value[][] = [];
  const { types } = plan;
  for (const { columns, length } of yield* drain(plan.open(ctx))) {
    for (let row = 0; row < length; row++) {
      rows.push(types.map((type, i) => readValue(columns[i] as Column, row, type)));
    }
  }
  return rows;
}
