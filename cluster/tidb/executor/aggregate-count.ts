import type { Column } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import { type AggregateState, countColumn, type GroupedRows, grown } from './aggregate-state.ts';
import { computeColumn } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';

/** COUNT: of rows, or of those that are not NULL. */
export class CountState implements AggregateState {
  readonly valueBytes = 0;
  private readonly arg: Compiled | undefined;
  private counts = new Float64Array(0);

  constructor([arg]: readonly Compiled[]) {
    this.arg = arg;
  }

  update(ctx: StatementContext, chunk: Chunk, { groups, count }: GroupedRows): void {
    this.counts = grown(this.counts, count, 0);
    const { counts, arg } = this;
    const column = arg === undefined ? undefined : computeColumn(ctx, arg, chunk);
    for (let row = 0; row < chunk.length; row++) {
      if (column !== undefined && column.get(row) === null) continue;
      const group = groups[row] as number;
      counts[group] = (counts[group] as number) + 1;
    }
  }

  merge(ctx: StatementContext, chunk: Chunk, { groups, count }: GroupedRows): void {
    this.counts = grown(this.counts, count, 0);
    const column = computeColumn(ctx, this.arg as Compiled, chunk);
    for (let row = 0; row < chunk.length; row++) {
      const group = groups[row] as number;
      this.counts[group] = (this.counts[group] as number) + Number(column.get(row));
    }
  }

  partials(_ctx: StatementContext, count: number): Column[] {
    return [countColumn(this.counts, count)];
  }

  results(_ctx: StatementContext, count: number): Column {
    return countColumn(this.counts, count);
  }
}
