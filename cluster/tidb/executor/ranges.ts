/**
 * Key ranges out of conditions on the leading columns of a key, computed anew for every execution.
 */
import { type Decimal, toInt } from '../../datum.ts';
import { encodeTuple, type KeySpace, prefixEnd, type Stored } from '../../key.ts';
import type { KeyRange } from '../../tikv/request.ts';
import { keyValue } from '../sql/catalog-keys.ts';
import { isWrapped, type SqlType } from '../sql/catalog-type.ts';
import { toDatetime, toDecimal, toReal } from './coerce.ts';
import { type Compiled, constantValue, type StatementContext } from './context.ts';
import { compareDecimals, decimal, powerOfTen, rescale, truncateDecimal } from './decimal.ts';
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

/** Where a constant stands among the values a key's column can have. */
interface Place {
  /** The largest value not above the constant. */
  readonly floor: Stored;
  /** It equals the constant. */
  readonly exact: boolean;
}

/** Finds a constant's place; undefined below all values, and for NULL, which has none. */
function placeOf(compiled: Compiled, type: SqlType, ctx: StatementContext): Place | undefined {
  const value = constantValue(compiled, ctx);
  if (value === null) return undefined;
  switch (type.kind) {
    case 'int':
      return placeOfInteger(BigInt(value as number), type);
    case 'decimal':
      return placeOfDecimal(toDecimal(value, compiled.type, ctx), type);
    case 'real':
      return { floor: toReal(value, compiled.type, ctx), exact: true };
    case 'datetime':
    case 'date': {
      const moment = toDatetime(value, compiled.type, ctx);
      return moment === null ? undefined : { floor: moment, exact: true };
    }
    default:
      return { floor: keyValue(value as string), exact: true };
  }
}

function placeOfInteger(value: bigint, type: SqlType): Place | undefined {
  const [low, high] = isWrapped(type) ? [0n, MAX_UNSIGNED] : [-MAX_SIGNED - 1n, MAX_SIGNED];
  if (value < low) return undefined;
  const floor = toInt(value > high ? high : value);
  return { floor: toStored(floor, type), exact: value <= high };
}

function placeOfDecimal(value: Decimal, type: SqlType): Place | undefined {
  const limit = powerOfTen(type.length) - 1n;
  const cut = truncateDecimal(value, type.scale);
  const { unscaled } = rescale(cut, type.scale);
  const exact = compareDecimals(cut, value) === 0;
  const floor = exact || value.unscaled > 0n ? unscaled : unscaled - 1n;
  if (floor < -limit) return undefined;
  const kept = decimal(floor > limit ? limit : floor, type.scale);
  return { floor: toStored(kept, type), exact: exact && floor <= limit };
}

const MAX_SIGNED = 0x7fff_ffff_ffff_ffffn;
const MAX_UNSIGNED = 0xffff_ffff_ffff_ffffn;

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
    let interval: Interval | undefined;
    for (let i = 0; i < this.conditions.length; i++) {
      const condition = this.conditions[i] as ColumnCondition;
      if (condition.kind === 'interval') {
        interval = condition;
        break;
      }
      const points = this.points(condition, this.types[i] as SqlType, ctx);
      if (prefixes.length * points.length > MAX_RANGES) break;
      prefixes = extended(prefixes, points);
    }
    const some: KeyRange[] = [];
    for (const prefix of prefixes) {
      if (interval === undefined) some.push(this.all(prefix));
      else {
        const ranges = this.between(prefix, interval, ctx);
        some.push(...ranges.filter(({ start, end }) => start < end));
      }
    }
    return some.length > 1 ? disjoint(some) : some;
  }

  /** The keys that points on all of its columns lead to, each once, ascending. */
  tuples(ctx: StatementContext): Stored[][] {
    const tuples = new Map<string, Stored[]>();
    let prefixes: Stored[][] = [[]];
    for (const [i, condition] of this.conditions.entries()) {
      if (condition.kind !== 'points') throw new Error('a point get knows all of its key');
      const points = this.points(condition, this.types[i] as SqlType, ctx);
      prefixes = extended(prefixes, points);
    }
    for (const tuple of prefixes) tuples.set(encodeTuple(this.space, tuple), tuple);
    const ordered = [...tuples].sort(([a], [b]) => (a < b ? -1 : 1));
    return ordered.map(([, tuple]) => tuple);
  }

  private points(
    condition: Extract<ColumnCondition, { kind: 'points' }>,
    type: SqlType,
    ctx: StatementContext,
  ): Stored[] {
    const points: Stored[] = [];
    for (const value of condition.values) {
      const place = placeOf(value, type, ctx);
      if (place?.exact === true) points.push(place.floor);
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
    interval: Interval,
    ctx: StatementContext,
  ): KeyRange[] {
    for (const { value } of [...interval.low, ...interval.high]) {
      if (constantValue(value, ctx) === null) return [];
    }
    const { space } = this;
    const type = this.types[prefix.length] as SqlType;
    const places = {
      low: interval.low.map((limit) => ({ ...limit, place: placeOf(limit.value, type, ctx) })),
      high: interval.high.map((limit) => ({ ...limit, place: placeOf(limit.value, type, ctx) })),
    };
    // NULL satisfies no comparison, and sorts first.
    const start = prefixEnd(encodeTuple(space, [...prefix, null]));
    const end = prefixEnd(encodeTuple(space, prefix));
    if (!isWrapped(type)) return this.narrowed(prefix, { space, start, end }, places);
    // What lies beyond 2^63 - 1 is kept as negative numbers, which sort before the others.
    const zero = encodeTuple(space, [...prefix, 0]);
    const { small, large } = halves(places);
    return [
      ...this.narrowed(prefix, { space, start, end: zero }, large),
      ...this.narrowed(prefix, { space, start: zero, end }, small),
    ];
  }

  /** The part of a range within some limits; none if those exclude each other. */
  private narrowed(
    prefix: readonly Stored[],
    { space, start, end }: KeyRange,
    limits: Limits | undefined,
  ): KeyRange[] {
    if (limits === undefined) return [];
    let from = start;
    let to = end;
    for (const { place, inclusive } of limits.low) {
      if (place === undefined) continue;
      const at = encodeTuple(space, [...prefix, place.floor]);
      const edge = place.exact && inclusive ? at : prefixEnd(at);
      if (edge > from) from = edge;
    }
    for (const { place, inclusive } of limits.high) {
      if (place === undefined) return [];
      const at = encodeTuple(space, [...prefix, place.floor]);
      const edge = place.exact && !inclusive ? at : prefixEnd(at);
      if (edge < to) to = edge;
    }
    return [{ space, start: from, end: to }];
  }
}

/** Every tuple with every value behind it. */
function extended(tuples: readonly Stored[][], values: readonly Stored[]): Stored[][] {
  const longer: Stored[][] = [];
  for (const tuple of tuples) for (const value of values) longer.push([...tuple, value]);
  return longer;
}

type Interval = Extract<ColumnCondition, { kind: 'interval' }>;

/** Limits with their places. */
interface Limits {
  readonly low: readonly PlacedLimit[];
  readonly high: readonly PlacedLimit[];
}

interface PlacedLimit {
  readonly place: Place | undefined;
  readonly inclusive: boolean;
}

/** What limits on unsigned values mean for those up to 2^63 - 1, and for those beyond. */
function halves({ low, high }: Limits): { small: Limits | undefined; large: Limits | undefined } {
  const isLarge = ({ place }: PlacedLimit): boolean =>
    place !== undefined && (place.floor as number | bigint) < 0;
  const isSmall = (limit: PlacedLimit): boolean => !isLarge(limit);
  return {
    small: low.some(isLarge) ? undefined : { low, high: high.filter(isSmall) },
    large: high.some(isSmall) ? undefined : { low: low.filter(isLarge), high },
  };
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
