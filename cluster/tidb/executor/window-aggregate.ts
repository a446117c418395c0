import { toInt } from '../../datum.ts';
import { aggregateType } from './aggregate.ts';
import { type BitsName, bitsOf, NO_BITS, withBits } from './aggregate-bits.ts';
import { type NotNull, toDecimal, toReal } from './coerce.ts';
import { orderOf } from './compare.ts';
import type { Compiled } from './context.ts';
import { decimal, divideDecimals, rescale } from './decimal.ts';
import type { Value } from './value.ts';
import type { FrameAggregateName } from './window-function.ts';
import type { WindowPartition } from './window-partition.ts';
import type { WindowState } from './window-state.ts';

/** An aggregate over a frame. Throws nothing that its rows do not. */
export function frameAggregate(
  name: FrameAggregateName,
  args: readonly Compiled[],
  partition: WindowPartition,
): WindowState {
  const [arg] = args as readonly [Compiled];
  switch (name) {
    case 'COUNT':
      return new FrameCount(partition, args);
    case 'SUM':
    case 'AVG':
      return aggregateType('SUM', args).kind === 'real'
        ? new FrameRealSum(partition, arg, name === 'AVG')
        : new FrameSum(partition, arg, name === 'AVG');
    case 'MIN':
    case 'MAX':
      return new FrameExtreme(partition, arg, name === 'MAX' ? 1 : -1);
    default:
      return new FrameBits(partition, arg, name);
  }
}

/**
 * An aggregate that follows its frame: rows that come in are added, rows that leave are taken away
 * where that can be done. Source: TiDB `executor/aggfuncs`, `SlidingWindowAggFunc`.
 */
abstract class SlidingAggregate implements WindowState {
  protected readonly partition: WindowPartition;
  /** What rows did can be undone. */
  protected readonly slides: boolean = true;
  private from = 0;
  private to = 0;

  constructor(partition: WindowPartition) {
    this.partition = partition;
  }

  valueAt(_row: number, start: number, end: number): Value {
    const last = Math.max(start, end);
    if (start >= this.to || (start > this.from && !this.slides)) {
      this.clear();
      this.from = start;
      this.to = start;
    }
    for (; this.from < start; this.from++) this.remove(this.from);
    for (; this.to < last; this.to++) this.add(this.to);
    return this.result();
  }

  protected abstract clear(): void;
  protected abstract add(row: number): void;
  protected abstract remove(row: number): void;
  protected abstract result(): Value;
}

/** COUNT: of rows, or of those of which no argument is NULL. */
class FrameCount extends SlidingAggregate {
  private readonly args: readonly Compiled[];
  private count = 0;

  constructor(partition: WindowPartition, args: readonly Compiled[]) {
    super(partition);
    this.args = args;
  }

  protected clear(): void {
    this.count = 0;
  }

  protected add(row: number): void {
    if (this.counts(row)) this.count++;
  }

  protected remove(row: number): void {
    if (this.counts(row)) this.count--;
  }

  protected result(): Value {
    return this.count;
  }

  private counts(row: number): boolean {
    return this.args.every((arg) => this.partition.value(arg, row) !== null);
  }
}

/** SUM and AVG: how many values there are, NULL where there is none. */
abstract class FrameTotal extends SlidingAggregate {
  protected readonly arg: Compiled;
  protected readonly average: boolean;
  protected count = 0;

  constructor(partition: WindowPartition, arg: Compiled, average: boolean) {
    super(partition);
    this.arg = arg;
    this.average = average;
  }

  protected clear(): void {
    this.count = 0;
    this.toZero();
  }

  protected add(row: number): void {
    this.move(row, 1);
  }

  protected remove(row: number): void {
    this.move(row, -1);
  }

  protected result(): Value {
    return this.count === 0 ? null : this.total();
  }

  protected abstract toZero(): void;
  /** Takes a value in, or away again. */
  protected abstract take(value: NotNull, sign: 1 | -1): void;
  protected abstract total(): Value;

  private move(row: number, sign: 1 | -1): void {
    const value = this.partition.value(this.arg, row);
    if (value === null) return;
    this.count += sign;
    this.take(value, sign);
  }
}

/** SUM and AVG, exactly. */
class FrameSum extends FrameTotal {
  private sum = 0n;

  protected toZero(): void {
    this.sum = 0n;
  }

  protected take(value: NotNull, sign: 1 | -1): void {
    const exact = toDecimal(value, this.arg.type, this.partition.ctx);
    this.sum += BigInt(sign) * rescale(exact, this.scale).unscaled;
  }

  protected total(): Value {
    const sum = decimal(this.sum, this.scale);
    return this.average ? divideDecimals(sum, decimal(BigInt(this.count), 0)) : sum;
  }

  private get scale(): number {
    return this.arg.type.scale;
  }
}

/** SUM and AVG of what is no exact number, as doubles. */
class FrameRealSum extends FrameTotal {
  private sum = 0;

  protected toZero(): void {
    this.sum = 0;
  }

  protected take(value: NotNull, sign: 1 | -1): void {
    this.sum += sign * toReal(value, this.arg.type, this.partition.ctx);
  }

  protected total(): Value {
    return this.average ? this.sum / this.count : this.sum;
  }
}

/** MIN and MAX: rows that can still become the answer, best first. */
class FrameExtreme extends SlidingAggregate {
  private readonly arg: Compiled;
  private readonly sign: 1 | -1;
  private candidates: { readonly row: number; readonly value: NotNull }[] = [];
  /** Candidates before this one have left the frame. */
  private first = 0;

  constructor(partition: WindowPartition, arg: Compiled, sign: 1 | -1) {
    super(partition);
    this.arg = arg;
    this.sign = sign;
  }

  protected clear(): void {
    this.candidates = [];
    this.first = 0;
  }

  protected add(row: number): void {
    const value = this.partition.value(this.arg, row);
    if (value === null) return;
    const order = orderOf(this.arg.type.kind);
    const { candidates } = this;
    for (let last = candidates.at(-1); last !== undefined; last = candidates.at(-1)) {
      // Of equal ones the first is the answer, as long as it is there.
      const beaten = candidates.length > this.first && order(value, last.value) * this.sign > 0;
      if (!beaten) break;
      candidates.pop();
    }
    candidates.push({ row, value });
  }

  protected remove(row: number): void {
    if (this.candidates[this.first]?.row === row) this.first++;
  }

  protected result(): Value {
    return this.candidates[this.first]?.value ?? null;
  }
}

/** BIT_AND, BIT_OR, BIT_XOR, of which only the last can be undone. */
class FrameBits extends SlidingAggregate {
  protected override readonly slides: boolean;
  private readonly arg: Compiled;
  private readonly name: BitsName;
  private bits: bigint;

  constructor(partition: WindowPartition, arg: Compiled, name: BitsName) {
    super(partition);
    this.arg = arg;
    this.name = name;
    this.slides = name === 'BIT_XOR';
    this.bits = NO_BITS[name];
  }

  protected clear(): void {
    this.bits = NO_BITS[this.name];
  }

  protected add(row: number): void {
    const value = this.partition.value(this.arg, row);
    if (value === null) return;
    this.bits = withBits(this.name, this.bits, bitsOf(value, this.arg, this.partition.ctx));
  }

  protected remove(row: number): void {
    this.add(row);
  }

  protected result(): Value {
    return toInt(this.bits);
  }
}
