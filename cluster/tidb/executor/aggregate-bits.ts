import type { Column } from '../../column.ts';
import { toInt } from '../../datum.ts';
import type { Chunk } from '../chunk.ts';
import { UNSIGNED_BIGINT } from '../sql/catalog-type.ts';
import type { AggregateState, GroupedRows } from './aggregate-state.ts';
import { toInteger } from './coerce.ts';
import { columnFor, computeColumn } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { readValue, toStored, type Value } from './value.ts';

/** The aggregates of bits. */
export type BitsName = 'BIT_AND' | 'BIT_OR' | 'BIT_XOR';

/** What they answer to no rows at all. */
export const NO_BITS: Readonly<Record<BitsName, bigint>> = {
  BIT_AND: (1n << 64n) - 1n,
  BIT_OR: 0n,
  BIT_XOR: 0n,
};

/** Takes one more value in. */
export function withBits(name: BitsName, bits: bigint, operand: bigint): bigint {
  if (name === 'BIT_AND') return bits & operand;
  return name === 'BIT_OR' ? bits | operand : bits ^ operand;
}

/** The 64 bits of a value that is not NULL. */
export function bitsOf(
  value: Exclude<Value, null>,
  { type }: Compiled,
  ctx: StatementContext,
): bigint {
  return BigInt.asUintN(64, BigInt(toInteger(value, type, ctx)));
}

/** BIT_AND, BIT_OR and BIT_XOR of groups. */
export class BitsState implements AggregateState {
  readonly valueBytes = 0;
  private readonly name: BitsName;
  private readonly arg: Compiled;
  private readonly groups: bigint[] = [];

  constructor(name: BitsName, arg: Compiled) {
    this.name = name;
    this.arg = arg;
  }

  update(ctx: StatementContext, chunk: Chunk, { groups, count }: GroupedRows): void {
    this.reserve(count);
    const column = computeColumn(ctx, this.arg, chunk);
    for (let row = 0; row < chunk.length; row++) {
      const value = readValue(column, row, this.arg.type);
      if (value === null) continue;
      const group = groups[row] as number;
      const operand = bitsOf(value, this.arg, ctx);
      this.groups[group] = withBits(this.name, this.groups[group] as bigint, operand);
    }
  }

  merge(ctx: StatementContext, chunk: Chunk, rows: GroupedRows): void {
    this.update(ctx, chunk, rows);
  }

  partials(ctx: StatementContext, count: number): Column[] {
    return [this.results(ctx, count)];
  }

  results(ctx: StatementContext, count: number): Column {
    this.reserve(count);
    const column = columnFor(UNSIGNED_BIGINT, ctx, Math.max(1, count));
    for (let group = 0; group < count; group++) {
      column.push(toStored(toInt(this.groups[group] as bigint), UNSIGNED_BIGINT));
    }
    return column;
  }

  private reserve(count: number): void {
    while (this.groups.length < count) this.groups.push(NO_BITS[this.name]);
  }
}
