/** Exact decimals on BigInt. Rounding is half away from zero, as MySQL's is. */
import type { Decimal } from '../../datum.ts';

/** `unscaled × 10^-scale`. */
export function decimal(unscaled: bigint, scale: number): Decimal {
  return { kind: 'decimal', unscaled, scale };
}

const POWERS: bigint[] = [];

/** 10^exponent. */
export function powerOfTen(exponent: number): bigint {
  for (let i = POWERS.length; i <= exponent; i++) POWERS.push(10n ** BigInt(i));
  return POWERS[exponent] as bigint;
}

/** The value with another number of digits behind the point, rounded. */
export function rescale(value: Decimal, scale: number): Decimal {
  if (value.scale === scale) return value;
  if (value.scale < scale) {
    return decimal(value.unscaled * powerOfTen(scale - value.scale), scale);
  }
  return decimal(divideRounded(value.unscaled, powerOfTen(value.scale - scale)), scale);
}

/** The value cut off behind `scale` digits. */
export function truncateDecimal(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return value;
  return decimal(value.unscaled / powerOfTen(value.scale - scale), scale);
}

/** `a / b` rounded half away from zero; `b` is positive. */
export function divideRounded(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const rest = a % b;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < b) return quotient;
  return a < 0n ? quotient - 1n : quotient + 1n;
}

/** a + b. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return decimal(rescale(a, scale).unscaled + rescale(b, scale).unscaled, scale);
}

/** a - b. */
export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, decimal(-b.unscaled, b.scale));
}

/** a × b, with at most 30 digits behind the point. */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  const product = decimal(a.unscaled * b.unscaled, a.scale + b.scale);
  return product.scale > 30 ? rescale(product, 30) : product;
}

/** Decimals are kept in words of so many digits, and a quotient ends with a word. */
const WORD_DIGITS = 9;

function wordDigits(digits: number): number {
  return Math.ceil(digits / WORD_DIGITS) * WORD_DIGITS;
}

/**
 * a / b, cut off behind at least four digits more than `a` has; null for b = 0. The digits behind
 * those that the result's type has are lost only where the result is shown or kept, so that
 * `1 / 3 * 3` is 1.0000. Source: TiDB `doDivMod`, `div_precision_increment`.
 */
export function divideDecimals(a: Decimal, b: Decimal): Decimal | null {
  if (b.unscaled === 0n) return null;
  const whole = wordDigits(a.scale) + wordDigits(b.scale);
  const missing = Math.max(0, 4 - (whole - a.scale - b.scale));
  const scale = wordDigits(whole + missing);
  const numerator = a.unscaled * powerOfTen(scale + b.scale);
  return decimal(numerator / (b.unscaled * powerOfTen(a.scale)), scale);
}

/** The rest of a / b with the sign of a; null for b = 0. */
export function moduloDecimals(a: Decimal, b: Decimal): Decimal | null {
  if (b.unscaled === 0n) return null;
  const scale = Math.max(a.scale, b.scale);
  return decimal(rescale(a, scale).unscaled % rescale(b, scale).unscaled, scale);
}

/** Negative, zero or positive as a is below, equal to or above b. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = rescale(a, scale).unscaled;
  const right = rescale(b, scale).unscaled;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `-1.50`. */
export function formatDecimal(value: Decimal): string {
  const { unscaled, scale } = value;
  if (scale === 0) return String(unscaled);
  const negative = unscaled < 0n;
  const digits = String(negative ? -unscaled : unscaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Reads `[-]digits[.digits][e±digits]`; the caller has checked the form. */
export function parseDecimal(text: string): Decimal {
  const [mantissa = '', exponentText] = text.trim().toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const exponent = exponentText === undefined ? 0 : Number(exponentText);
  const unscaled = BigInt(
    `${whole === '-' || whole === '+' ? `${whole}0` : whole || '0'}${fraction}`,
  );
  const scale = fraction.length - exponent;
  if (scale < 0) return decimal(unscaled * powerOfTen(-scale), 0);
  const value = decimal(unscaled, scale);
  return scale > 30 ? rescale(value, 30) : value;
}

/** The nearest double. */
export function decimalToNumber(value: Decimal): number {
  return Number(formatDecimal(value));
}

/** The nearest integer. */
export function decimalToBigInt(value: Decimal): bigint {
  return rescale(value, 0).unscaled;
}
