import type { Column } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import { utf8Bytes } from '../memory/chunk-bytes.ts';
import { isWrapped } from '../sql/catalog-type.ts';
import { type AggregateState, type GroupedRows, lengthen } from './aggregate-state.ts';
import type { NotNull } from './coerce.ts';
import { columnFor, computeColumn } from './columns.ts';
import { type Compare, orderOf } from './compare.ts';
import type { Compiled, StatementContext } from './context.ts';
import { readValue, toStored } from './value.ts';

/** MIN and MAX. */
export class ExtremeState implements AggregateState {
  valueBytes = 0;
  private readonly arg: Compiled;
  private readonly sign: 1 | -1;
  private readonly order: Compare;
  private best: Column | undefined = undefined;

  constructor(arg: Compiled, sign: 1 | -1) {
    this.order = orderOf(arg.type.kind);
    this.arg = arg;
    this.sign = sign;
  }

  update(ctx: StatementContext, chunk: Chunk, rows: GroupedRows): void {
    const column = computeColumn(ctx, this.arg, chunk);
    const best = this.bestOf(ctx, rows.count);
    const from = this.plain(column);
    const to = this.plain(best);
    if (from === undefined || to === undefined) {
      this.compareAll(column, chunk.length, rows.groups, best);
    } else if (rows.sorted) this.compareRuns(from, chunk.length, rows, to);
    else this.compareRows(from, chunk.length, rows.groups, to);
  }

  merge(ctx: StatementContext, chunk: Chunk, rows: GroupedRows): void {
    this.update(ctx, chunk, rows);
  }

  partials(ctx: StatementContext, count: number): Column[] {
    return [this.bestOf(ctx, count)];
  }

  results(ctx: StatementContext, count: number): Column {
    return this.bestOf(ctx, count);
  }

  private bestOf(ctx: StatementContext, count: number): Column {
    this.best ??= columnFor(this.arg.type, ctx, Math.max(1, count));
    lengthen(this.best, count);
    return this.best;
  }

  /** Doubles that are ordered as the values are. */
  private plain(column: Column): Float64Array | undefined {
    if (column.vacant || column.kind === 'string') return undefined;
    if (column.kind === 'real') return column.floats;
    return column.bigs === undefined && !isWrapped(this.arg.type) ? column.floats : undefined;
  }

  private compareRows(
    from: Float64Array,
    length: number,
    groups: Int32Array,
    to: Float64Array,
  ): void {
    const { sign } = this;
    for (let row = 0; row < length; row++) {
      const value = from[row] as number;
      const group = groups[row] as number;
      const before = to[group] as number;
      // NULL is NaN, which no comparison lets through.
      if ((value - before) * sign > 0 || (Number.isNaN(before) && !Number.isNaN(value))) {
        to[group] = value;
      }
    }
  }

  private compareRuns(
    from: Float64Array,
    length: number,
    { fresh, opened, count }: GroupedRows,
    to: Float64Array,
  ): void {
    const extreme = this.sign > 0 ? greatest : least;
    let row = 0;
    for (let at = 0; at <= opened; at++) {
      const end = at < opened ? (fresh[at] as number) : length;
      const group = count - opened - 1 + at;
      if (end > row) to[group] = extreme(from, row, end, to[group] as number);
      row = end;
    }
  }

  private compareAll(column: Column, length: number, groups: Int32Array, best: Column): void {
    const { type } = this.arg;
    for (let row = 0; row < length; row++) {
      const value = readValue(column, row, type);
      if (value === null) continue;
      const group = groups[row] as number;
      const before = readValue(best, group, type);
      if (before !== null && this.order(value as NotNull, before as NotNull) * this.sign <= 0) {
        continue;
      }
      if (typeof value === 'string') {
        this.valueBytes += utf8Bytes(value) - (typeof before === 'string' ? utf8Bytes(before) : 0);
      }
      best.set(group, toStored(value, type));
    }
  }
}

/** The greatest of some values and what was the greatest before; NaN is none. */
function greatest(values: Float64Array, from: number, to: number, before: number): number {
  let best = before;
  let row = from;
  while (row < to && Number.isNaN(best)) best = values[row++] as number;
  for (; row < to; row++) {
    const value = values[row] as number;
    if (value > best) best = value;
  }
  return best;
}

/** As `greatest`. */
function least(values: Float64Array, from: number, to: number, before: number): number {
  let best = before;
  let row = from;
  while (row < to && Number.isNaN(best)) best = values[row++] as number;
  for (; row < to; row++) {
    const value = values[row] as number;
    if (value < best) best = value;
  }
  return best;
}
