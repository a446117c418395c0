import type { Column } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import { dataBytes } from '../memory/chunk-bytes.ts';
import { type AggregateState, type GroupedRows, lengthen } from './aggregate-state.ts';
import { append, columnFor, computeColumn, emptyLike } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';

/**
 * The value that the first row of a group has: how columns that depend on the keys of GROUP BY
 * come through an aggregation.
 */
export class FirstRowState implements AggregateState {
  valueBytes = 0;
  private readonly arg: Compiled;
  private values: Column | undefined = undefined;

  constructor(arg: Compiled) {
    this.arg = arg;
  }

  update(ctx: StatementContext, chunk: Chunk, { fresh, opened }: GroupedRows): void {
    if (opened === 0) return;
    const column = computeColumn(ctx, this.arg, chunk);
    this.values ??= emptyLike(column);
    const { values } = this;
    const before = values.length;
    append(values, column, fresh, 0, opened);
    this.valueBytes += dataBytes(values, values.length, before);
  }

  merge(ctx: StatementContext, chunk: Chunk, rows: GroupedRows): void {
    this.update(ctx, chunk, rows);
  }

  partials(ctx: StatementContext, count: number): Column[] {
    return [this.results(ctx, count)];
  }

  results(ctx: StatementContext, count: number): Column {
    this.values ??= columnFor(this.arg.type, ctx, Math.max(1, count));
    lengthen(this.values, count);
    return this.values;
  }
}
