import type { Column } from '../../column.ts';
import type { Decimal } from '../../datum.ts';
import type { Chunk } from '../chunk.ts';
import { isWrapped, type SqlType } from '../sql/catalog-type.ts';
import { type Aggregate, partialTypes } from './aggregate.ts';
import { type AggregateState, countColumn, type GroupedRows, grown } from './aggregate-state.ts';
import { toDecimal, toReal } from './coerce.ts';
import { columnFor, computeColumn } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { addDecimals, decimal, divideDecimals } from './decimal.ts';
import { readValue, toStored, type Value } from './value.ts';

/** SUM and AVG: doubles while they are exact, decimals beside them otherwise. */
export class SumState implements AggregateState {
  readonly valueBytes = 0;
  private readonly arg: Compiled;
  private readonly counted: Compiled | undefined;
  private readonly type: SqlType;
  private readonly average: boolean;
  /** Type of the sum: of AVG, what it divides. */
  private readonly sumType: SqlType;
  private sums = new Float64Array(0);
  private counts = new Float64Array(0);
  private readonly exact = new Map<number, Decimal>();

  constructor(aggregate: Aggregate) {
    const { name, args, type } = aggregate;
    this.type = type;
    this.average = name === 'AVG';
    // Whoever merges averages is given counts and sums.
    this.arg = args.at(-1) as Compiled;
    this.counted = args.length > 1 ? args[0] : undefined;
    this.sumType = partialTypes(aggregate).at(-1) as SqlType;
  }

  update(ctx: StatementContext, chunk: Chunk, rows: GroupedRows): void {
    this.addAll(ctx, chunk, rows, undefined);
  }

  merge(ctx: StatementContext, chunk: Chunk, rows: GroupedRows): void {
    const counts = this.counted === undefined ? undefined : computeColumn(ctx, this.counted, chunk);
    this.addAll(ctx, chunk, rows, counts);
  }

  partials(ctx: StatementContext, count: number): Column[] {
    const sums = this.column(ctx, count, this.sumType, (group) => this.sum(group));
    return this.average ? [countColumn(this.counts, count), sums] : [sums];
  }

  results(ctx: StatementContext, count: number): Column {
    return this.column(ctx, count, this.type, (group) => this.result(group));
  }

  /** @param counts how many rows went into each value; undefined is one into each */
  private addAll(
    ctx: StatementContext,
    chunk: Chunk,
    { groups, count }: GroupedRows,
    counts: Column | undefined,
  ): void {
    this.sums = grown(this.sums, count, 0);
    this.counts = grown(this.counts, count, 0);
    const { type } = this.arg;
    const column = computeColumn(ctx, this.arg, chunk);
    const plain =
      type.kind === 'int' && !isWrapped(type) && column.kind === 'int' && column.bigs === undefined;
    const ints = plain && !column.vacant ? column.floats : undefined;
    for (let row = 0; row < chunk.length; row++) {
      const value = ints === undefined ? readValue(column, row, type) : (ints[row] as number);
      if (value === null || Number.isNaN(value)) continue;
      const group = groups[row] as number;
      const added = counts === undefined ? 1 : Number(counts.get(row));
      this.counts[group] = (this.counts[group] as number) + added;
      this.add(ctx, group, value);
    }
  }

  private add(ctx: StatementContext, group: number, value: Exclude<Value, null>): void {
    const sum = this.sums[group] as number;
    if (this.type.kind === 'real') {
      this.sums[group] = sum + toReal(value, this.arg.type, ctx);
      return;
    }
    const next = sum + wholeNumber(value, this.arg.type);
    if (Number.isSafeInteger(next)) {
      this.sums[group] = next;
      return;
    }
    const before = this.exact.get(group);
    const wide = toDecimal(value, this.arg.type, ctx);
    this.exact.set(group, before === undefined ? wide : addDecimals(before, wide));
  }

  private sum(group: number): Value {
    if ((this.counts[group] ?? 0) === 0) return null;
    const sum = this.sums[group] as number;
    if (this.type.kind === 'real') return sum;
    return addDecimals(
      this.exact.get(group) ?? decimal(0n, this.sumType.scale),
      decimal(BigInt(sum), 0),
    );
  }

  private result(group: number): Value {
    const sum = this.sum(group);
    if (!this.average || sum === null) return sum;
    const count = this.counts[group] as number;
    return typeof sum === 'object'
      ? divideDecimals(sum, decimal(BigInt(count), 0))
      : Number(sum) / count;
  }

  private column(
    ctx: StatementContext,
    count: number,
    type: SqlType,
    compute: (group: number) => Value,
  ): Column {
    const column = columnFor(type, ctx, count);
    for (let group = 0; group < count; group++) column.push(toStored(compute(group), type));
    return column;
  }
}

/** The value as a double if it is an integer that one holds, else NaN. */
function wholeNumber(value: Exclude<Value, null>, { kind }: SqlType): number {
  if (typeof value === 'number') return kind === 'int' ? value : Number.NaN;
  if (typeof value !== 'object' || value.scale !== 0) return Number.NaN;
  const whole = Number(value.unscaled);
  return Number.isSafeInteger(whole) ? whole : Number.NaN;
}
