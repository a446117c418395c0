import type { Column } from '../../column.ts';
import type { Decimal } from '../../datum.ts';
import type { Chunk } from '../chunk.ts';
import { BIGINT, DOUBLE, decimalType, isWrapped, type SqlType, TEXT } from '../sql/catalog-type.ts';
import { type NotNull, toDecimal, toReal, toText } from './coerce.ts';
import { take } from './columns.ts';
import { type Compare, orderOf } from './compare.ts';
import type { Compiled, StatementContext } from './context.ts';
import { addDecimals, decimal, divideDecimals } from './decimal.ts';

import { toStored, type Value } from './value.ts';

/** An aggregate function of a query, ready to run. */
export interface Aggregate {
  readonly name: 'COUNT' | 'SUM' | 'MIN' | 'MAX' | 'AVG' | 'GROUP_CONCAT';
  readonly distinct: boolean;
  /** COUNT(*) has none. */
  readonly args: readonly Compiled[];
  readonly separator: string;
  readonly type: SqlType;
}

/** The type an aggregate gives. Source: MySQL, "Aggregate Function Descriptions". */
export function aggregateType(name: Aggregate['name'], args: readonly Compiled[]): SqlType {
  const of = args[0]?.type ?? BIGINT;
  switch (name) {
    case 'COUNT':
      return BIGINT;
    case 'SUM':
      if (of.kind === 'int') return decimalType(of.length + 22, 0);
      return of.kind === 'decimal' ? decimalType(of.length + 22, of.scale) : DOUBLE;
    case 'AVG':
      if (of.kind === 'int') return decimalType(of.length + 4, 4);
      return of.kind === 'decimal' ? decimalType(of.length + 4, of.scale + 4) : DOUBLE;
    case 'GROUP_CONCAT':
      return TEXT;
    default:
      return of;
  }
}

/** The running state of one aggregate over all groups. */
export interface AggregateState {
  /** Takes in the rows of a chunk; `groups[row]` is the group of each. */
  update(ctx: StatementContext, chunk: Chunk, groups: Int32Array): void;
  /** The result of a group; groups without a row have that of no rows. */
  result(ctx: StatementContext, group: number): Value;
}

/** A fresh state. */
export function newState(aggregate: Aggregate): AggregateState {
  if (aggregate.distinct) return new DistinctState(aggregate);
  const [arg] = aggregate.args;
  switch (aggregate.name) {
    case 'COUNT':
      return new CountState(arg);
    case 'SUM':
    case 'AVG':
      return new SumState(arg as Compiled, aggregate);
    case 'GROUP_CONCAT':
      return new ConcatState(aggregate);
    default:
      return new ExtremeState(arg as Compiled, aggregate.name === 'MAX' ? 1 : -1);
  }
}

function grown(
  array: Float64Array<ArrayBuffer>,
  group: number,
  fill: number,
): Float64Array<ArrayBuffer> {
  if (group < array.length) return array;
  const next = new Float64Array(Math.max(64, group + 1, array.length * 2)).fill(fill);
  next.set(array);
  return next;
}

function largest(groups: Int32Array, length: number): number {
  let most = -1;
  for (let row = 0; row < length; row++) most = Math.max(most, groups[row] as number);
  return most;
}

/** The doubles of a column of safe integers, where the argument is just that column. */
function plainInts(arg: Compiled, chunk: Chunk): Float64Array | undefined {
  if (arg.column === undefined || arg.type.kind !== 'int' || isWrapped(arg.type)) return undefined;
  const column = chunk.columns[arg.column] as Column;
  return column.kind === 'int' && column.bigs === undefined ? column.floats : undefined;
}

class CountState implements AggregateState {
  private readonly arg: Compiled | undefined;
  private counts = new Float64Array(0);

  constructor(arg: Compiled | undefined) {
    this.arg = arg;
  }

  update(ctx: StatementContext, chunk: Chunk, groups: Int32Array): void {
    this.counts = grown(this.counts, largest(groups, chunk.length), 0);
    const { arg, counts } = this;
    for (let row = 0; row < chunk.length; row++) {
      const group = groups[row] as number;
      if (arg === undefined || arg.evaluate(ctx, chunk, row) !== null) {
        counts[group] = (counts[group] as number) + 1;
      }
    }
  }

  result(_ctx: StatementContext, group: number): Value {
    return this.counts[group] ?? 0;
  }
}

/** SUM and AVG: doubles while they are exact, 64-bit and decimal sums beside them otherwise. */
class SumState implements AggregateState {
  private readonly arg: Compiled;
  private readonly aggregate: Aggregate;
  private sums = new Float64Array(0);
  private counts = new Float64Array(0);
  private readonly exact = new Map<number, Decimal>();

  constructor(arg: Compiled, aggregate: Aggregate) {
    this.arg = arg;
    this.aggregate = aggregate;
  }

  update(ctx: StatementContext, chunk: Chunk, groups: Int32Array): void {
    const most = largest(groups, chunk.length);
    this.sums = grown(this.sums, most, 0);
    this.counts = grown(this.counts, most, 0);
    const ints = plainInts(this.arg, chunk);
    for (let row = 0; row < chunk.length; row++) {
      const value = ints === undefined ? this.arg.evaluate(ctx, chunk, row) : ints[row];
      if (value === null || value === undefined || Number.isNaN(value)) continue;
      this.add(ctx, groups[row] as number, value);
    }
  }

  result(_ctx: StatementContext, group: number): Value {
    const count = this.counts[group] ?? 0;
    if (count === 0) return null;
    const sum = this.sums[group] as number;
    const average = this.aggregate.name === 'AVG';
    if (this.aggregate.type.kind === 'real') return average ? sum / count : sum;
    const scale = average ? this.aggregate.type.scale - 4 : this.aggregate.type.scale;
    const base = decimal(BigInt(sum), 0);
    const total = addDecimals(this.exact.get(group) ?? decimal(0n, scale), base);
    return average ? divideDecimals(total, decimal(BigInt(count), 0)) : total;
  }

  private add(ctx: StatementContext, group: number, value: Exclude<Value, null>): void {
    this.counts[group] = (this.counts[group] as number) + 1;
    const sum = this.sums[group] as number;
    if (this.aggregate.type.kind === 'real') {
      this.sums[group] = sum + toReal(value, this.arg.type, ctx);
      return;
    }
    if (typeof value === 'number' && this.arg.type.kind === 'int') {
      const next = sum + value;
      if (Number.isSafeInteger(next)) {
        this.sums[group] = next;
        return;
      }
    }
    const before = this.exact.get(group);
    const wide = toDecimal(value, this.arg.type, ctx);
    this.exact.set(group, before === undefined ? wide : addDecimals(before, wide));
  }
}

class ExtremeState implements AggregateState {
  private readonly arg: Compiled;
  private readonly sign: 1 | -1;
  private ints = new Float64Array(0);
  private readonly others: Value[] = [];
  private readonly order: Compare;

  constructor(arg: Compiled, sign: 1 | -1) {
    this.order = orderOf(arg.type.kind);
    this.arg = arg;
    this.sign = sign;
  }

  update(ctx: StatementContext, chunk: Chunk, groups: Int32Array): void {
    const values = plainInts(this.arg, chunk);
    if (values === undefined) {
      this.updateOthers(ctx, chunk, groups);
      return;
    }
    const most = largest(groups, chunk.length);
    this.ints = grown(this.ints, most, Number.NaN);
    const { ints, sign } = this;
    for (let row = 0; row < chunk.length; row++) {
      const value = values[row] as number;
      const group = groups[row] as number;
      const best = ints[group] as number;
      if ((value - best) * sign > 0 || (Number.isNaN(best) && !Number.isNaN(value))) {
        ints[group] = value;
      }
    }
  }

  result(_ctx: StatementContext, group: number): Value {
    const int = this.ints[group] ?? Number.NaN;
    const other = this.others[group] ?? null;
    if (Number.isNaN(int)) return other;
    return other === null || this.better(int, other) ? int : other;
  }

  private updateOthers(ctx: StatementContext, chunk: Chunk, groups: Int32Array): void {
    for (let row = 0; row < chunk.length; row++) {
      const value = this.arg.evaluate(ctx, chunk, row);
      const group = groups[row] as number;
      const best = this.others[group] ?? null;
      if (value !== null && (best === null || this.better(value, best))) this.others[group] = value;
    }
  }

  private better(a: Value, b: Value): boolean {
    return this.order(a as NotNull, b as NotNull) * this.sign > 0;
  }
}

class ConcatState implements AggregateState {
  private readonly aggregate: Aggregate;
  private readonly texts: (string[] | undefined)[] = [];

  constructor(aggregate: Aggregate) {
    this.aggregate = aggregate;
  }

  update(ctx: StatementContext, chunk: Chunk, groups: Int32Array): void {
    const { args } = this.aggregate;
    for (let row = 0; row < chunk.length; row++) {
      const values = args.map((arg) => arg.evaluate(ctx, chunk, row));
      if (values.includes(null)) continue;
      const text = values.map((value, i) => toText(value as NotNull, (args[i] as Compiled).type));
      const group = groups[row] as number;
      const list = this.texts[group] ?? [];
      list.push(text.join(''));
      this.texts[group] = list;
    }
  }

  result(_ctx: StatementContext, group: number): Value {
    return this.texts[group]?.join(this.aggregate.separator) ?? null;
  }
}

/** DISTINCT: passes each combination of arguments on once a group. */
class DistinctState implements AggregateState {
  private readonly aggregate: Aggregate;
  private readonly inner: AggregateState;
  private readonly seen = new Set<string>();
  private readonly groupOfOne = new Int32Array(1);

  constructor(aggregate: Aggregate) {
    this.aggregate = aggregate;
    this.inner = newState({ ...aggregate, distinct: false });
  }

  update(ctx: StatementContext, chunk: Chunk, groups: Int32Array): void {
    const { args } = this.aggregate;
    for (let row = 0; row < chunk.length; row++) {
      const values = args.map((arg) => arg.evaluate(ctx, chunk, row));
      if (values.includes(null)) continue;
      const stored = values.map((value, i) => String(toStored(value, (args[i] as Compiled).type)));
      const key = `${groups[row]}\u0000${stored.join('\u0000')}`;
      if (this.seen.has(key)) continue;
      this.seen.add(key);
      this.groupOfOne[0] = groups[row] as number;
      this.inner.update(ctx, take(chunk, undefined, row, 1), this.groupOfOne);
    }
  }

  result(ctx: StatementContext, group: number): Value {
    return this.inner.result(ctx, group);
  }
}
