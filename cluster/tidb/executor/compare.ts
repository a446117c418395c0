/**
 * Order and equality of values. Strings compare as utf8mb4_bin does: by code, blanks at the end
 * aside.
 */
import type { Decimal } from '../../datum.ts';
import { trimEnd } from '../sql/catalog-keys.ts';
import type { SqlType, TypeKind } from '../sql/catalog-type.ts';
import { type NotNull, toDatetime, toDecimal, toReal, toText, toTime } from './coerce.ts';
import type { StatementContext } from './context.ts';
import { compareDecimals } from './decimal.ts';
import type { Value } from './value.ts';

/** Negative, zero or positive. */
export type Compare = (a: NotNull, b: NotNull) => number;

/** Order of texts under PAD SPACE. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const left = trimEnd(a);
  const right = trimEnd(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function comparePlain(a: NotNull, b: NotNull): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The order of values of one kind. */
export function orderOf(kind: TypeKind): Compare {
  if (kind === 'string') return (a, b) => compareText(a as string, b as string);
  if (kind === 'decimal') return (a, b) => compareDecimals(a as Decimal, b as Decimal);
  return comparePlain;
}

/** Brings a value to the kind it is compared in; null where it cannot be. */
export type Bring = (value: NotNull, ctx: StatementContext) => Value;

/** How values of `from` are brought to `kind`; undefined when they are there already. */
export function bringTo(from: SqlType, kind: TypeKind): Bring | undefined {
  if (from.kind === kind || from.kind === 'null') return undefined;
  switch (kind) {
    case 'decimal':
      return (value, ctx) => toDecimal(value, from, ctx);
    case 'real':
      return (value, ctx) => toReal(value, from, ctx);
    case 'datetime':
    case 'date':
      return (value, ctx) => toDatetime(value, from, ctx);
    case 'time':
      return (value, ctx) => toTime(value, from, ctx);
    default:
      return (value) => toText(value, from);
  }
}
