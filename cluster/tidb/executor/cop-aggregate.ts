import type { Chunk } from '../chunk.ts';
import { type AggregateState, SortedRows } from './aggregate-state.ts';
import { computeColumn, RowBuffer } from './columns.ts';
import type { StatementContext } from './context.ts';
import type { CopAggregation } from './cop-plan.ts';
import { Grouping } from './grouping.ts';
import { KeyRuns } from './key-runs.ts';
import { newState } from './new-aggregate-state.ts';

/** A partial aggregation at work on the rows of one task. */
export interface PartialAggregation {
  /** Groups that no further row can belong to. */
  readonly settled: number;
  add(ctx: StatementContext, chunk: Chunk): void;
  /** For each group: its keys, then the partial results. */
  partials(ctx: StatementContext): Chunk;
}

/** Begins one. */
export function newPartialAggregation(aggregation: CopAggregation): PartialAggregation {
  return aggregation.kind === 'hash-agg'
    ? new HashedGroups(aggregation)
    : new SortedGroups(aggregation);
}

/** Rows in any order. */
class HashedGroups implements PartialAggregation {
  readonly settled = 0;
  private readonly grouping: Grouping;

  constructor({ keys, aggregates }: CopAggregation) {
    this.grouping = new Grouping({ keys, aggregates, merges: false });
  }

  add(ctx: StatementContext, chunk: Chunk): void {
    this.grouping.add(ctx, chunk, this.grouping.keysOf(ctx, chunk));
  }

  partials(ctx: StatementContext): Chunk {
    return this.grouping.partials(ctx);
  }
}

/** Rows in order of the keys: a group ends where the next begins, and no table is needed. */
class SortedGroups implements PartialAggregation {
  private count = 0;
  private readonly aggregation: CopAggregation;
  private readonly states: readonly AggregateState[];
  private readonly keyRows = new RowBuffer();
  private readonly runs: KeyRuns;
  /** Rows of the last chunk that opened a group; made anew only for longer chunks. */
  private fresh = new Int32Array(0);

  constructor(aggregation: CopAggregation) {
    this.aggregation = aggregation;
    this.states = aggregation.aggregates.map(newState);
    this.runs = new KeyRuns(aggregation.keys.length);
  }

  get settled(): number {
    return Math.max(0, this.count - 1);
  }

  add(ctx: StatementContext, chunk: Chunk): void {
    const { length } = chunk;
    const keys = this.aggregation.keys.map((key) => computeColumn(ctx, key, chunk));
    if (length > this.fresh.length) this.fresh = new Int32Array(length);
    const { fresh } = this;
    const opened = this.runs.find(keys, length, fresh);
    if (opened > 0) this.keyRows.append({ columns: keys, length }, fresh, opened);
    const rows = new SortedRows(length, fresh, opened, this.count);
    this.count = rows.count;
    for (const state of this.states) state.update(ctx, chunk, rows);
  }

  partials(ctx: StatementContext): Chunk {
    const columns = this.states.flatMap((state) => state.partials(ctx, this.count));
    return { columns: [...this.keyRows.columns, ...columns], length: this.count };
  }
}
