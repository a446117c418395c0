import type { Column } from '../../column.ts';
import type {
  CopProgram,
  CopResult,
  CopRun,
  CopSummary,
  CopWarning,
} from '../../tikv/cop-program.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { partialTypes } from './aggregate.ts';
import { RowBuffer, take } from './columns.ts';
import { StatementContext } from './context.ts';
import { newPartialAggregation, type PartialAggregation } from './cop-aggregate.ts';
import type { CopPlan } from './cop-plan.ts';
import { type RowWindow, windowOf } from './limit.ts';
import { selectRows } from './selection.ts';
import { TopRows } from './top-rows.ts';

/**
 * Makes a plan into what a request carries: with the constants of this execution, and nothing else
 * of the session. Undefined where there is nothing to do beyond the scan.
 */
export function copProgram(
  ctx: StatementContext,
  plan: CopPlan | undefined,
): CopProgram | undefined {
  if (plan === undefined) return undefined;
  const { selection, top } = plan;
  if (selection === undefined && top === undefined) return undefined;
  const constants = new Constants(ctx);
  const window = top?.kind === 'top-n' || top?.kind === 'limit' ? top.window : undefined;
  const wanted = window === undefined ? Number.POSITIVE_INFINITY : rowsWanted(ctx, window);
  return {
    executors: (selection === undefined ? 0 : 1) + (top === undefined ? 0 : 1),
    start: () => new PushedRun(constants.context(), plan, wanted),
  };
}

/** Types of the columns that a reader of `scanned` columns gives. */
export function pushedTypes(
  scanned: readonly SqlType[],
  pushed: CopPlan | undefined,
): readonly SqlType[] {
  const last = pushed?.top;
  if (last === undefined || last.kind === 'top-n' || last.kind === 'limit') return scanned;
  return [...last.keys.map(({ type }) => type), ...last.aggregates.flatMap(partialTypes)];
}

/** Of each region all rows are wanted that might be skipped, too. */
function rowsWanted(ctx: StatementContext, window: RowWindow): number {
  const { offset, count } = windowOf(ctx, window);
  return offset + count;
}

/** The values a plan's expressions may ask for, as they were when the reader was opened. */
class Constants {
  private readonly ctx: StatementContext;
  private readonly correlated: StatementContext['correlated'];
  private readonly subqueries: StatementContext['subqueries'];

  constructor(ctx: StatementContext) {
    this.ctx = ctx;
    this.correlated = [...ctx.correlated];
    this.subqueries = [...ctx.subqueries];
  }

  /** A context of their own for the expressions of one run. */
  context(): StatementContext {
    const context = new StatementContext({ ...this.ctx, warnings: [] });
    context.correlated.push(...this.correlated);
    context.subqueries.push(...this.subqueries);
    context.strict = this.ctx.strict;
    return context;
  }
}

/** What collects the rows that the conditions let pass. */
interface Collector {
  /** Rows of the result that are settled. */
  readonly settled: number;
  /** Takes rows in. False: it needs no more. */
  add(chunk: Chunk): boolean;
  result(): Chunk;
}

class PushedRun implements CopRun {
  private readonly ctx: StatementContext;
  private readonly plan: CopPlan;
  private readonly collector: Collector;
  private scanned = 0;
  private selected = 0;
  private batches = 0;

  constructor(ctx: StatementContext, plan: CopPlan, wanted: number) {
    this.ctx = ctx;
    this.plan = plan;
    this.collector = newCollector(ctx, plan, wanted);
  }

  get produced(): number {
    return this.collector.settled;
  }

  process(columns: readonly Column[], rows: number): boolean {
    this.batches++;
    this.scanned += rows;
    const kept = this.select({ columns, length: rows });
    this.selected += kept.length;
    return kept.length === 0 || this.collector.add(kept);
  }

  finish(): CopResult {
    const { columns, length: rows } = this.collector.result();
    const iterations = this.batches + 1;
    const summaries: CopSummary[] = [];
    let work = 0;
    if (this.plan.selection !== undefined) {
      summaries.push({ rows: this.selected, iterations });
      work += this.scanned;
    }
    if (this.plan.top !== undefined) {
      summaries.push({ rows, iterations: 1 });
      work += this.selected;
    }
    return { columns, rows, warnings: this.warnings(), summaries, work };
  }

  private select(chunk: Chunk): Chunk {
    const { selection } = this.plan;
    if (selection === undefined) return chunk;
    const rows = new Int32Array(chunk.length);
    const count = selectRows(this.ctx, chunk, selection.conditions, rows);
    return count === chunk.length ? chunk : take(chunk, rows, 0, count);
  }

  private warnings(): readonly CopWarning[] {
    return this.ctx.warnings.map(({ code, message }) => ({ code, message }));
  }
}

function newCollector(ctx: StatementContext, { top }: CopPlan, wanted: number): Collector {
  switch (top?.kind) {
    case 'hash-agg':
    case 'stream-agg':
      return new AggregateCollector(ctx, newPartialAggregation(top));
    case 'top-n':
      return new TopCollector(new TopRows(ctx, top.keys, wanted));
    default:
      return new PlainCollector(wanted);
  }
}

class AggregateCollector implements Collector {
  private readonly ctx: StatementContext;
  private readonly aggregation: PartialAggregation;

  constructor(ctx: StatementContext, aggregation: PartialAggregation) {
    this.ctx = ctx;
    this.aggregation = aggregation;
  }

  get settled(): number {
    return this.aggregation.settled;
  }

  add(chunk: Chunk): boolean {
    this.aggregation.add(this.ctx, chunk);
    return true;
  }

  result(): Chunk {
    return this.aggregation.partials(this.ctx);
  }
}

class TopCollector implements Collector {
  readonly settled = 0;
  private readonly top: TopRows;

  constructor(top: TopRows) {
    this.top = top;
  }

  add(chunk: Chunk): boolean {
    this.top.add(chunk);
    return true;
  }

  result(): Chunk {
    return this.top.result();
  }
}

/** All rows, or the first of them. */
class PlainCollector implements Collector {
  private readonly rows = new RowBuffer();
  private readonly wanted: number;

  constructor(wanted: number) {
    this.wanted = wanted;
  }

  get settled(): number {
    return this.rows.length;
  }

  add(chunk: Chunk): boolean {
    const count = Math.min(chunk.length, this.wanted - this.rows.length);
    this.rows.append(chunk, undefined, count);
    return this.rows.length < this.wanted;
  }

  result(): Chunk {
    return this.rows;
  }
}
