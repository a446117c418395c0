/**
 * Key ranges out of conditions on the leading columns of a key, computed anew for every execution.
 */
import type { Decimal } from '../../datum.ts';
import { encodeTuple, type KeySpace, prefixEnd, type Stored } from '../../key.ts';
import type { KeyRange } from '../../tikv/request.ts';
import { keyValue } from '../sql/catalog-keys.ts';
import { isWrapped, type SqlType } from '../sql/catalog-type.ts';
import { toDatetime, toReal } from './coerce.ts';
import { type Compiled, constantValue, type StatementContext } from './context.ts';
import { compareDecimals, decimal, rescale } from './decimal.ts';
import { toStored } from './value.ts';

/** One end of an interval. */
export interface Limit {
  readonly value: Compiled;
  readonly inclusive: boolean;
}

/** What is demanded of one column of a key: to be one of some values, or to lie between two. */
export type ColumnCondition =
  | { readonly kind: 'points'; readonly values: readonly Compiled[]; readonly orNull: boolean }
  | { readonly kind: 'interval'; readonly low: readonly Limit[]; readonly high: readonly Limit[] };

/** More ranges than this are not made of IN lists; a wider one is scanned instead. */
const MAX_RANGES = 1024;

/** A constant as a key of the column would hold it; undefined when no row can have that value. */
export function keyConstant(
  constant: Compiled,
  type: SqlType,
  ctx: StatementContext,
): Stored | undefined {
  const value = constantValue(constant, ctx);
  if (value === null) return undefined;
  switch (type.kind) {
    case 'int':
      if (isWrapped(type)) return (value as number) < 0 ? undefined : toStored(value, type);
      return isInt64(value as number | bigint) ? (value as Stored) : undefined;
    case 'decimal': {
      const exact = typeof value === 'object' ? value : decimal(BigInt(value), 0);
      const fitted = rescale(exact as Decimal, type.scale);
      return compareDecimals(exact, fitted) === 0 ? toStored(fitted, type) : undefined;
    }
    case 'real':
      return toReal(value, constant.type, ctx);
    case 'datetime':
    case 'date':
      return toDatetime(value, constant.type, ctx) ?? undefined;
    default:
      return keyValue(value as string);
  }
}

function isInt64(value: number | bigint): boolean {
  return value <= 0x7fff_ffff_ffff_ffffn && value >= -0x8000_0000_0000_0000n;
}

/** Conditions on the first columns of a key space; see above. */
export class RangeBuilder {
  readonly space: KeySpace;
  /** Types of the key's columns. */
  readonly types: readonly SqlType[];
  /** On the first columns, in order; only the last may be an interval. */
  readonly conditions: readonly ColumnCondition[];

  constructor(space: KeySpace, types: readonly SqlType[], conditions: readonly ColumnCondition[]) {
    this.space = space;
    this.types = types;
    this.conditions = conditions;
  }

  /** The ranges, ascending and disjoint; none when the conditions exclude everything. */
  build(ctx: StatementContext): KeyRange[] {
    let prefixes: Stored[][] = [[]];
    let interval: ColumnCondition | undefined;
    for (let i = 0; i < this.conditions.length; i++) {
      const condition = this.conditions[i] as ColumnCondition;
      if (condition.kind === 'interval') {
        interval = condition;
        break;
      }
      const points = this.points(condition, this.types[i] as SqlType, ctx);
      if (prefixes.length * points.length > MAX_RANGES) break;
      prefixes = prefixes.flatMap((prefix) => points.map((point) => [...prefix, point]));
    }
    const ranges: KeyRange[] = [];
    for (const prefix of prefixes) {
      const range =
        interval?.kind === 'interval' ? this.between(prefix, interval, ctx) : this.all(prefix);
      if (range.start < range.end) ranges.push(range);
    }
    return ranges.length > 1 ? disjoint(ranges) : ranges;
  }

  private points(
    condition: Extract<ColumnCondition, { kind: 'points' }>,
    type: SqlType,
    ctx: StatementContext,
  ): Stored[] {
    const points: Stored[] = [];
    for (const value of condition.values) {
      const point = keyConstant(value, type, ctx);
      if (point !== undefined) points.push(point);
    }
    if (condition.orNull) points.push(null);
    return points;
  }

  private all(prefix: readonly Stored[]): KeyRange {
    const start = encodeTuple(this.space, prefix);
    return { space: this.space, start, end: prefixEnd(start) };
  }

  private between(
    prefix: readonly Stored[],
    interval: Extract<ColumnCondition, { kind: 'interval' }>,
    ctx: StatementContext,
  ): KeyRange {
    const { space } = this;
    const whole = encodeTuple(space, prefix);
    const type = this.types[prefix.length] as SqlType;
    // NULL satisfies no comparison, and sorts first.
    let start = prefixEnd(encodeTuple(space, [...prefix, null]));
    let end = prefixEnd(whole);
    for (const { value } of [...interval.low, ...interval.high]) {
      if (constantValue(value, ctx) === null) return { space, start: whole, end: whole };
    }
    for (const { value, inclusive } of interval.low) {
      const low = keyConstant(value, type, ctx);
      const at =
        low === undefined ? beyond(value, ctx, end, start) : encodeTuple(space, [...prefix, low]);
      const from = inclusive || low === undefined ? at : prefixEnd(at);
      if (from > start) start = from;
    }
    for (const { value, inclusive } of interval.high) {
      const high = keyConstant(value, type, ctx);
      const at =
        high === undefined ? beyond(value, ctx, end, start) : encodeTuple(space, [...prefix, high]);
      const to = inclusive && high !== undefined ? prefixEnd(at) : at;
      if (to < end) end = to;
    }
    return { space, start, end };
  }
}

/** Where a limit stands that no key can hold: an integer beyond 64 bits lies above or below all. */
function beyond(value: Compiled, ctx: StatementContext, above: string, below: string): string {
  return (constantValue(value, ctx) as number) > 0 ? above : below;
}

function disjoint(ranges: KeyRange[]): KeyRange[] {
  ranges.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const merged: KeyRange[] = [];
  for (const range of ranges) {
    const last = merged[merged.length - 1];
    if (last === undefined || range.start >= last.end) merged.push(range);
    else if (range.end > last.end) merged[merged.length - 1] = { ...last, end: range.end };
  }
  return merged;
}
