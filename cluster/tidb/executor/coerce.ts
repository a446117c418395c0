/** Conversions between types: implicit ones in expressions, and CAST. */
import { type Decimal, toInt } from '../../datum.ts';
import { SqlError } from '../../errors.ts';
import { DATE, DATETIME, DOUBLE, integerRange, type SqlType, TIME } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';
import { decimal, decimalToBigInt, decimalToNumber, parseDecimal, rescale } from './decimal.ts';
import {
  datetimeNumber,
  momentOf,
  momentUs,
  parseDatetime,
  parseTime,
  roundTime,
} from './temporal.ts';
import { type Value, valueText } from './value.ts';

/** Anything but NULL. */
export type NotNull = Exclude<Value, null>;

const NUMBER_PREFIX = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/;
const INTEGER_PREFIX = /^\s*[-+]?\d+/;

/** The number at the beginning of a text, 0 without one; warning 1292 if the text goes on. */
export function textToReal(text: string, ctx: StatementContext): number {
  const match = NUMBER_PREFIX.exec(text)?.[0] ?? '';
  if (match.length < text.trimEnd().length || match === '') warnTruncated(ctx, 'DOUBLE', text);
  const value = match === '' ? 0 : Number(match);
  return Number.isFinite(value) ? value : value < 0 ? -Number.MAX_VALUE : Number.MAX_VALUE;
}

/** Warning 1292, an error where rows are about to be changed. */
function warnTruncated(ctx: StatementContext, type: string, text: string): void {
  warnValue(ctx, `Truncated incorrect ${type} value: '${text}'`);
}

function warnValue(ctx: StatementContext, message: string): void {
  if (ctx.strict) throw new SqlError(1292, message);
  ctx.warn(1292, message);
}

/** As a double. */
export function toReal(value: NotNull, type: SqlType, ctx: StatementContext): number {
  if (typeof value === 'string') return textToReal(value, ctx);
  if (typeof value === 'object') return decimalToNumber(value);
  if (type.kind === 'datetime') return datetimeNumber(value);
  if (type.kind === 'date') return Math.floor(datetimeNumber(value) / 1_000_000);
  return Number(value);
}

/** As a decimal; text is read as far as it is a number. */
export function toDecimal(value: NotNull, type: SqlType, ctx: StatementContext): Decimal {
  if (typeof value === 'object') return value;
  if (typeof value === 'string') {
    const match = NUMBER_PREFIX.exec(value)?.[0] ?? '';
    if (match.length < value.trimEnd().length || match === '') warnTruncated(ctx, 'DECIMAL', value);
    return match === '' ? decimal(0n, 0) : parseDecimal(match);
  }
  if (type.kind === 'real') return parseDecimal(String(value));
  if (type.kind === 'int') return decimal(BigInt(value), 0);
  return decimal(BigInt(Math.round(toReal(value, type, ctx))), 0);
}

/** As an integer, rounded; text only as far as it is a whole number. */
export function toInteger(value: NotNull, type: SqlType, ctx: StatementContext): number | bigint {
  if (typeof value === 'string') {
    const match = INTEGER_PREFIX.exec(value)?.[0] ?? '';
    if (match.length < value.trimEnd().length || match === '') warnTruncated(ctx, 'INTEGER', value);
    return match === '' ? 0 : toInt(BigInt(match.trim()));
  }
  if (typeof value === 'object') return toInt(decimalToBigInt(value));
  if (type.kind === 'real') return realToInteger(Number(value));
  if (type.kind === 'int') return value;
  return Math.round(toReal(value, type, ctx));
}

/** Rounds half away from zero. */
export function realToInteger(value: number): number | bigint {
  const rounded = value < 0 ? -Math.round(-value) : Math.round(value);
  return Number.isSafeInteger(rounded) ? rounded + 0 : toInt(BigInt(rounded));
}

/** As text. */
export function toText(value: NotNull, type: SqlType): string {
  return valueText(value, type);
}

/** As a moment; null with a warning when it is none. */
export function toDatetime(
  value: NotNull,
  type: SqlType,
  ctx: StatementContext,
): number | bigint | null {
  if (type.kind === 'datetime' || type.kind === 'date') return value as number | bigint;
  if (type.kind === 'time') {
    return momentUs(momentOf(ctx.nowUs).days, Number(value));
  }
  const text = valueText(value, type);
  const parsed = parseDatetime(text);
  if (parsed !== undefined) return parsed;
  warnValue(ctx, `Incorrect datetime value: '${text}'`);
  return null;
}

/** As a TIME; null with a warning when it is none. */
export function toTime(value: NotNull, type: SqlType, ctx: StatementContext): number | null {
  if (type.kind === 'time') return Number(value);
  if (type.kind === 'datetime' || type.kind === 'date') return momentOf(value as number).us;
  const text = valueText(value, type);
  const parsed = parseTime(text) ?? (parseDatetime(text) === undefined ? undefined : 0);
  if (parsed !== undefined) return parsed;
  warnValue(ctx, `Truncated incorrect time value: '${text}'`);
  return null;
}

/** Whether a value counts as true; NULL stays NULL. */
export function truth(value: Value, type: SqlType, ctx: StatementContext): boolean | null {
  if (value === null) return null;
  if (typeof value === 'object') return value.unscaled !== 0n;
  if (typeof value === 'string') return textToReal(value, ctx) !== 0;
  return type.kind === 'real' ? value !== 0 : value !== 0;
}

/** CAST(value AS target). Numbers are clipped to the target's range, with a warning. */
export function cast(value: Value, from: SqlType, target: SqlType, ctx: StatementContext): Value {
  if (value === null) return null;
  switch (target.kind) {
    case 'int':
      return castInteger(value, from, target, ctx);
    case 'decimal':
      return clipDecimal(rescale(toDecimal(value, from, ctx), target.scale), target, ctx);
    case 'real':
      return toReal(value, from, ctx);
    case 'datetime':
    case 'date':
      return castDatetime(value, from, target, ctx);
    case 'time': {
      const time = toTime(value, from, ctx);
      return time === null ? null : roundTime(time, target.scale);
    }
    case 'string': {
      const text = toText(value, from);
      return text.length > target.length ? [...text].slice(0, target.length).join('') : text;
    }
    default:
      return null;
  }
}

function castInteger(
  value: NotNull,
  from: SqlType,
  target: SqlType,
  ctx: StatementContext,
): number | bigint {
  const whole = BigInt(toInteger(value, from, ctx));
  const [low, high] = integerRange(target);
  if (whole >= low && whole <= high) return toInt(whole);
  if (from.kind === 'int') {
    const bits = target.unsigned ? BigInt.asUintN(64, whole) : BigInt.asIntN(64, whole);
    return toInt(bits);
  }
  warnTruncated(ctx, 'INTEGER', valueText(value, from));
  return toInt(whole < low ? low : high);
}

function clipDecimal(value: Decimal, target: SqlType, ctx: StatementContext): Decimal {
  const limit = 10n ** BigInt(target.length) - 1n;
  const { unscaled } = value;
  if (unscaled <= limit && unscaled >= -limit) return value;
  ctx.warn(1690, `DECIMAL value is out of range in '(${target.length}, ${target.scale})'`);
  return decimal(unscaled < 0n ? -limit : limit, target.scale);
}

function castDatetime(
  value: NotNull,
  from: SqlType,
  target: SqlType,
  ctx: StatementContext,
): Value {
  const moment = toDatetime(value, from, ctx);
  if (moment === null) return null;
  if (target.kind === 'date') return momentUs(momentOf(moment).days, 0);
  return roundTime(moment, target.scale);
}

/** The type in which values of two types are compared, and that CASE or a UNION of them has. */
export function comparisonType(a: SqlType, b: SqlType): SqlType {
  if (a.kind === 'null') return b;
  if (b.kind === 'null' || a.kind === b.kind) return a;
  if (isTemporal(a) && (isTemporal(b) || b.kind === 'string')) return temporalOf(a, b);
  if (isTemporal(b) && a.kind === 'string') return temporalOf(b, a);
  const exact = (type: SqlType): boolean => type.kind === 'int' || type.kind === 'decimal';
  if (exact(a) && exact(b)) return a.kind === 'decimal' ? a : b;
  return DOUBLE;
}

function isTemporal(type: SqlType): boolean {
  return type.kind === 'datetime' || type.kind === 'date' || type.kind === 'time';
}

function temporalOf(a: SqlType, b: SqlType): SqlType {
  if (a.kind === 'time' && (b.kind === 'time' || b.kind === 'string')) return TIME;
  return a.kind === 'date' && b.kind === 'date' ? DATE : DATETIME;
}
