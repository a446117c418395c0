import type { Column } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import type { AggregateState } from './aggregate-state.ts';
import { computeColumn, KeyWords, RowBuffer } from './columns.ts';
import type { StatementContext } from './context.ts';
import type { CopAggregation } from './cop-plan.ts';
import { Grouping } from './grouping.ts';
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
  private readonly words = new KeyWords();
  /** The keys of the row before. */
  private readonly last: Float64Array;

  constructor(aggregation: CopAggregation) {
    this.aggregation = aggregation;
    this.states = aggregation.aggregates.map(newState);
    this.last = new Float64Array(aggregation.keys.length);
  }

  get settled(): number {
    return Math.max(0, this.count - 1);
  }

  add(ctx: StatementContext, chunk: Chunk): void {
    const { length } = chunk;
    const keys = this.aggregation.keys.map((key) => computeColumn(ctx, key, chunk));
    const groups = new Int32Array(length);
    const fresh = new Int32Array(length);
    const opened = this.assign(keys, length, groups, fresh);
    if (opened > 0) this.keyRows.append({ columns: keys, length }, fresh, opened);
    const rows = { groups, fresh, opened, count: this.count };
    for (const state of this.states) state.update(ctx, chunk, rows);
  }

  partials(ctx: StatementContext): Chunk {
    const columns = this.states.flatMap((state) => state.partials(ctx, this.count));
    return { columns: [...this.keyRows.columns, ...columns], length: this.count };
  }

  private assign(
    keys: readonly Column[],
    length: number,
    groups: Int32Array,
    fresh: Int32Array,
  ): number {
    const words = keys.map((key) => this.words.of(key, length));
    let opened = 0;
    for (let row = 0; row < length; row++) {
      if (this.count === 0 || this.differs(words, row)) {
        for (let i = 0; i < words.length; i++) {
          this.last[i] = (words[i] as Float64Array)[row] as number;
        }
        this.count++;
        fresh[opened++] = row;
      }
      groups[row] = this.count - 1;
    }
    return opened;
  }

  private differs(words: readonly Float64Array[], row: number): boolean {
    for (let i = 0; i < words.length; i++) {
      if (this.last[i] !== (words[i] as Float64Array)[row]) return true;
    }
    return false;
  }
}
