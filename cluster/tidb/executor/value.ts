/**
 * Values inside expressions. A value is bare; the static type beside it (see `SqlType`) says how to
 * read it: a `number` is an integer, a double or microseconds, as the type has it. Integers are
 * canonical as in `datum.ts`: a `bigint` only beyond 2^53.
 */
import type { Column } from '../../column.ts';
import { type Datum, type Decimal, toInt } from '../../datum.ts';
import type { Stored } from '../../key.ts';
import { isWrapped, type SqlType, storageKind } from '../sql/catalog-type.ts';
import { decimal, formatDecimal, parseDecimal, rescale } from './decimal.ts';
import { formatDate, formatDatetime, formatTimeOfDay } from './temporal.ts';

/** A value; see above. */
export type Value = number | bigint | string | Decimal | null;

/** The value in a row of a column that holds `type`. */
export function readValue(column: Column, row: number, type: SqlType): Value {
  return fromStored(column.get(row), type);
}

/** What a stored value means. */
export function fromStored(stored: Stored, type: SqlType): Value {
  if (stored === null) return null;
  if (type.kind === 'decimal') {
    return typeof stored === 'string' ? parseDecimal(stored) : decimal(BigInt(stored), type.scale);
  }
  if (typeof stored === 'string' || stored >= 0 || !isWrapped(type)) return stored;
  return toInt(BigInt.asUintN(64, BigInt(stored)));
}

/** How a value that fits `type` is stored. */
export function toStored(value: Value, type: SqlType): Stored {
  if (value === null) return null;
  if (typeof value === 'object') {
    const scaled = rescale(value, type.scale);
    return storageKind(type) === 'int' ? toInt(scaled.unscaled) : formatDecimal(scaled);
  }
  if (typeof value === 'bigint' && value > 0x7fff_ffff_ffff_ffffn) {
    return toInt(BigInt.asIntN(64, value));
  }
  return value;
}

/** A value as it leaves the session. */
export function toDatum(value: Value, type: SqlType): Datum {
  if (value === null || typeof value === 'object' || typeof value === 'string') return value;
  switch (type.kind) {
    case 'real':
      return { kind: 'real', value: Number(value) };
    case 'datetime':
    case 'date':
    case 'time':
      return formatTemporal(value, type);
    default:
      return value;
  }
}

function formatTemporal(value: number | bigint, type: SqlType): string {
  if (type.kind === 'date') return formatDate(value);
  if (type.kind === 'time') return formatTimeOfDay(value, type.scale);
  return formatDatetime(value, type.scale);
}

/** A value as text. Not for NULL. */
export function valueText(value: Exclude<Value, null>, type: SqlType): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object') return formatDecimal(rescale(value, type.scale));
  switch (type.kind) {
    case 'real':
      return formatReal(Number(value));
    case 'datetime':
    case 'date':
    case 'time':
      return formatTemporal(value, type);
    default:
      return String(value);
  }
}

/** A double as TiDB prints it: exponents from 1e15 on. */
export function formatReal(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-15 && size < 1e15)) return plainReal(value);
  return value.toExponential().replace('e+', 'e');
}

/** Without an exponent: JavaScript begins to write one below 1e-6. */
function plainReal(value: number): string {
  const text = String(value);
  return text.includes('e') ? formatDecimal(parseDecimal(text)) : text;
}
