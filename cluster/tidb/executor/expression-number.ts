/** Functions on numbers. */
import { toInt } from '../../datum.ts';
import { SqlError } from '../../errors.ts';
import {
  BIGINT,
  DOUBLE,
  decimalType,
  MAX_DECIMAL_SCALE,
  MAX_INT_DIGITS,
  type SqlType,
} from '../sql/catalog-type.ts';
import { type NotNull, toDecimal, toReal } from './coerce.ts';
import { type Compiled, type Evaluate, NO_ROW, type StatementContext } from './context.ts';
import { decimal, powerOfTen, rescale, truncateDecimal } from './decimal.ts';
import type { Value } from './value.ts';

type Operation = (value: NotNull, ctx: StatementContext) => Value;

function ofNumber(arg: Compiled, type: SqlType, operation: Operation): Compiled {
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const value = arg.evaluate(ctx, chunk, row);
    return value === null ? null : operation(value, ctx);
  };
  return { type, evaluate, column: undefined, constant: arg.constant };
}

/** ABS. */
export function absolute(arg: Compiled): Compiled {
  const { type } = arg;
  if (type.kind === 'decimal') {
    return ofNumber(arg, type, (value, ctx) => {
      const { unscaled, scale } = toDecimal(value, type, ctx);
      return decimal(unscaled < 0n ? -unscaled : unscaled, scale);
    });
  }
  if (type.kind !== 'int') {
    return ofNumber(arg, DOUBLE, (value, ctx) => Math.abs(toReal(value, type, ctx)));
  }
  return ofNumber(arg, type, (value) => {
    if (typeof value === 'number') return Math.abs(value);
    const whole = value as bigint;
    if (whole === -(1n << 63n)) {
      throw new SqlError(1690, `BIGINT value is out of range in 'abs(${whole})'`);
    }
    return toInt(whole < 0n ? -whole : whole);
  });
}

/** SIGN. */
export function signOf(arg: Compiled): Compiled {
  return ofNumber(arg, BIGINT, (value, ctx) => {
    const number = toReal(value, arg.type, ctx);
    return number > 0 ? 1 : number < 0 ? -1 : 0;
  });
}

/** SQRT; NULL below zero. The square root is exact to the last bit on every engine. */
export function squareRoot(arg: Compiled): Compiled {
  return ofNumber(arg, DOUBLE, (value, ctx) => {
    const number = toReal(value, arg.type, ctx);
    return number < 0 ? null : Math.sqrt(number);
  });
}

/** FLOOR and CEIL. */
export function wholePart(arg: Compiled, direction: 'floor' | 'ceil'): Compiled {
  const { type } = arg;
  if (type.kind === 'int') return arg;
  if (type.kind === 'decimal') {
    const digits = type.length - type.scale;
    const large = digits > MAX_INT_DIGITS;
    return ofNumber(arg, large ? decimalType(digits + 1, 0) : BIGINT, (value, ctx) => {
      const exact = toDecimal(value, type, ctx);
      const rest = exact.unscaled % powerOfTen(exact.scale);
      let whole = truncateDecimal(exact, 0).unscaled;
      if (direction === 'floor' && rest < 0n) whole--;
      if (direction === 'ceil' && rest > 0n) whole++;
      return large ? decimal(whole, 0) : toInt(whole);
    });
  }
  const operation = direction === 'floor' ? Math.floor : Math.ceil;
  return ofNumber(arg, DOUBLE, (value, ctx) => operation(toReal(value, type, ctx)) + 0);
}

/** ROUND(value[, digits]) and TRUNCATE(value, digits). */
export function roundTo(
  args: readonly [Compiled] | readonly [Compiled, Compiled],
  mode: 'round' | 'truncate',
): Compiled {
  const [arg, places] = args;
  const { type } = arg;
  const digits = (ctx: StatementContext): number =>
    places === undefined ? 0 : Number(places.evaluate(ctx, NO_ROW, 0));
  if (places !== undefined && !places.constant) {
    throw new SqlError(1235, `This version of TiDB doesn't yet support 'ROUND by a column'`);
  }
  if (type.kind === 'real' || type.kind === 'string') {
    return ofNumber(arg, DOUBLE, (value, ctx) =>
      roundReal(toReal(value, type, ctx), digits(ctx), mode),
    );
  }
  if (type.kind === 'int') {
    return ofNumber(arg, type, (value, ctx) => roundInteger(value as number, digits(ctx), mode));
  }
  const cut = mode === 'round' ? rescale : truncateDecimal;
  const scale = places === undefined ? 0 : (literalDigits(places) ?? type.scale);
  const result = decimalType(type.length - type.scale + 1 + scale, scale);
  return ofNumber(arg, result, (value, ctx) => {
    const exact = toDecimal(value, type, ctx);
    const wanted = digits(ctx);
    if (wanted >= 0) return cut(exact, Math.min(wanted, exact.scale));
    const { unscaled } = cut(decimal(exact.unscaled, exact.scale - wanted), 0);
    return decimal(unscaled * powerOfTen(-wanted), 0);
  });
}

/** The digits asked for, if they stand in the text. Source: `calculateDecimal4RoundAndTruncate`. */
function literalDigits({ literal }: Compiled): number | undefined {
  if (literal === undefined) return undefined;
  return Math.max(0, Math.min(MAX_DECIMAL_SCALE, Number(literal)));
}

function roundInteger(
  value: number | bigint,
  digits: number,
  mode: 'round' | 'truncate',
): number | bigint {
  if (digits >= 0) return value;
  const unit = powerOfTen(-digits);
  const scaled = decimal(BigInt(value), -digits);
  const whole = (mode === 'round' ? rescale(scaled, 0) : truncateDecimal(scaled, 0)).unscaled;
  return toInt(whole * unit);
}

/** Doubles round half to even, as the C library does. */
function roundReal(value: number, digits: number, mode: 'round' | 'truncate'): number {
  const unit = Number(powerOfTen(Math.min(400, Math.abs(digits))));
  const scaled = digits >= 0 ? value * unit : value / unit;
  if (!Number.isFinite(scaled)) return value;
  const whole = mode === 'truncate' ? Math.trunc(scaled) : halfToEven(scaled);
  return (digits >= 0 ? whole / unit : whole * unit) + 0;
}

function halfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
