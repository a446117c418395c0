import { type Datum, toInt } from '../datum.ts';
import type { Stored } from '../key.ts';
import { decimal, formatDecimal, parseDecimal, rescale } from './executor/decimal.ts';
import { parseDatetime } from './executor/temporal.ts';
import { formatReal, toStored } from './executor/value.ts';
import { integerRange, type SqlType } from './sql/catalog-type.ts';

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;

/**
 * A value that a definition names, such as a DEFAULT or a border of SPLIT TABLE, as a column of the
 * type holds it; undefined if it does not fit.
 */
export function storedDatum(datum: Datum, type: SqlType): Stored | undefined {
  if (datum === null) return null;
  switch (type.kind) {
    case 'int':
      return storedInteger(datum, type);
    case 'decimal':
      return storedDecimal(datum, type);
    case 'real':
      return typeof datum === 'object' && datum.kind === 'real' ? datum.value : realOf(datum);
    case 'datetime':
    case 'date':
      return typeof datum === 'string' ? parseDatetime(datum) : undefined;
    case 'string': {
      const text = textOf(datum);
      return [...text].length <= type.length ? text : undefined;
    }
    default:
      return undefined;
  }
}

function storedInteger(datum: Datum, type: SqlType): Stored | undefined {
  const exact = decimalOf(datum);
  if (exact === undefined) return undefined;
  const whole = rescale(exact, 0).unscaled;
  const [low, high] = integerRange(type);
  return whole < low || whole > high ? undefined : toStored(toInt(whole), type);
}

function storedDecimal(datum: Datum, type: SqlType): Stored | undefined {
  const exact = decimalOf(datum);
  if (exact === undefined) return undefined;
  const fitted = rescale(exact, type.scale);
  const limit = 10n ** BigInt(type.length);
  const fits = fitted.unscaled < limit && fitted.unscaled > -limit;
  return fits ? toStored(fitted, type) : undefined;
}

function decimalOf(datum: Datum) {
  if (typeof datum === 'number' || typeof datum === 'bigint') return decimal(BigInt(datum), 0);
  if (datum === null || typeof datum === 'string') {
    return datum !== null && NUMBER.test(datum) ? parseDecimal(datum) : undefined;
  }
  return datum.kind === 'decimal' ? datum : parseDecimal(String(datum.value));
}

function realOf(datum: Datum): number | undefined {
  const number = Number(textOf(datum));
  return Number.isFinite(number) ? number : undefined;
}

function textOf(datum: Datum): string {
  if (datum === null) return '';
  if (typeof datum !== 'object') return String(datum);
  if (datum.kind === 'real') return formatReal(datum.value);
  return formatDecimal(datum);
}
