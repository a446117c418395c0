/** Arithmetic. Integers are exact in 64 bits and never wrap: error 1690 instead, as in MySQL. */
import { toInt } from '../../datum.ts';
import { SqlError } from '../../errors.ts';
import type { BinaryOperator } from '../sql/ast.ts';
import { BIGINT, DOUBLE, decimalType, type SqlType, UNSIGNED_BIGINT } from '../sql/catalog-type.ts';
import { type NotNull, toDecimal, toInteger, toReal } from './coerce.ts';
import type { Compiled, Evaluate, StatementContext } from './context.ts';
import {
  addDecimals,
  decimal,
  decimalToBigInt,
  divideDecimals,
  formatDecimal,
  moduloDecimals,
  multiplyDecimals,
  powerOfTen,
  subtractDecimals,
} from './decimal.ts';
import { formatReal, type Value } from './value.ts';

/** `+ - * / DIV MOD`. */
export type ArithmeticOperator = Extract<BinaryOperator, '+' | '-' | '*' | '/' | 'DIV' | 'MOD'>;

const MAX_SIGNED = 0x7fff_ffff_ffff_ffffn;
const MAX_UNSIGNED = 0xffff_ffff_ffff_ffffn;

type Operation = (a: NotNull, b: NotNull, ctx: StatementContext) => Value;

/** Both operands and, unless one is NULL, the operation. */
function onBoth(left: Compiled, right: Compiled, type: SqlType, operation: Operation): Compiled {
  const a = left.evaluate;
  const b = right.evaluate;
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const x = a(ctx, chunk, row);
    if (x === null) return null;
    const y = b(ctx, chunk, row);
    return y === null ? null : operation(x, y, ctx);
  };
  return { type, evaluate, column: undefined, constant: left.constant && right.constant };
}

/** How an operand takes part: text, doubles and NULL as doubles, times as what they spell. */
function numericKind(type: SqlType): 'int' | 'decimal' | 'real' {
  if (type.kind === 'real' || type.kind === 'string' || type.kind === 'null') return 'real';
  return type.kind === 'decimal' ? 'decimal' : 'int';
}

/** `left operator right`. */
export function arithmetic(
  operator: ArithmeticOperator,
  left: Compiled,
  right: Compiled,
): Compiled {
  const a = numericKind(left.type);
  const b = numericKind(right.type);
  if (operator === 'DIV') return integerDivision(left, right);
  if (a === 'real' || b === 'real') return realArithmetic(operator, left, right);
  if (operator === '/') {
    return decimalArithmetic('/', left, right);
  }
  if (a === 'decimal' || b === 'decimal') return decimalArithmetic(operator, left, right);
  return integerArithmetic(operator, left, right);
}

type Exact = (a: number | bigint, b: number | bigint, unsigned: boolean) => number | bigint | null;

const INTEGER: Readonly<Record<'+' | '-' | '*' | 'MOD', Exact>> = {
  '+': (a, b, unsigned) => {
    if (typeof a === 'number' && typeof b === 'number') {
      const sum = a + b;
      if (Number.isSafeInteger(sum) && (sum >= 0 || !unsigned)) return sum;
    }
    return inRange(BigInt(a) + BigInt(b), a, '+', b, unsigned);
  },
  '-': (a, b, unsigned) => {
    if (typeof a === 'number' && typeof b === 'number') {
      const difference = a - b;
      if (Number.isSafeInteger(difference) && (difference >= 0 || !unsigned)) return difference;
    }
    return inRange(BigInt(a) - BigInt(b), a, '-', b, unsigned);
  },
  '*': (a, b, unsigned) => {
    if (typeof a === 'number' && typeof b === 'number') {
      const product = a * b + 0;
      if (Number.isSafeInteger(product) && (product >= 0 || !unsigned)) return product;
    }
    return inRange(BigInt(a) * BigInt(b), a, '*', b, unsigned);
  },
  MOD: (a, b) => {
    if (b === 0) return null;
    if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
    return toInt(BigInt(a) % BigInt(b));
  },
};

/** The exact result if 64 bits hold it; a value beyond 2^63 - 1 makes the operation unsigned. */
function inRange(
  exact: bigint,
  a: NotNull,
  operator: string,
  b: NotNull,
  unsignedType: boolean,
): number | bigint {
  const unsigned = unsignedType || isWide(a) || isWide(b);
  const fits = unsigned
    ? exact >= 0n && exact <= MAX_UNSIGNED
    : exact >= -MAX_SIGNED - 1n && exact <= MAX_SIGNED;
  if (fits) return toInt(exact);
  const name = unsigned ? 'BIGINT UNSIGNED' : 'BIGINT';
  const text = `(${spelled(a)} ${operator} ${spelled(b)})`;
  throw new SqlError(1690, `${name} value is out of range in '${text}'`);
}

function isWide(value: NotNull): boolean {
  return typeof value === 'bigint' && value > MAX_SIGNED;
}

function spelled(value: NotNull): string {
  return typeof value === 'object' ? formatDecimal(value) : String(value);
}

function integerArithmetic(
  operator: '+' | '-' | '*' | 'MOD',
  left: Compiled,
  right: Compiled,
): Compiled {
  const operation = INTEGER[operator];
  const unsigned = left.type.unsigned || (right.type.unsigned && operator !== 'MOD');
  const type = unsigned ? UNSIGNED_BIGINT : BIGINT;
  const plain = left.type.kind === 'int' && right.type.kind === 'int';
  return onBoth(left, right, type, (x, y, ctx) => {
    const a = plain ? (x as number) : toInteger(x, left.type, ctx);
    const b = plain ? (y as number) : toInteger(y, right.type, ctx);
    const result = operation(a, b, unsigned);
    if (result === null) divisionByZero(ctx);
    return result;
  });
}

/** NULL with a warning; an error where a row is about to be changed. */
function divisionByZero(ctx: StatementContext): null {
  if (ctx.strict) throw new SqlError(1365, 'Division by 0');
  ctx.warn(1365, 'Division by 0');
  return null;
}

function decimalArithmetic(
  operator: Exclude<ArithmeticOperator, 'DIV'>,
  left: Compiled,
  right: Compiled,
): Compiled {
  const type = decimalResult(operator, digitsOf(left.type), digitsOf(right.type));
  return onBoth(left, right, type, (x, y, ctx) => {
    const a = toDecimal(x, left.type, ctx);
    const b = toDecimal(y, right.type, ctx);
    switch (operator) {
      case '+':
        return addDecimals(a, b);
      case '-':
        return subtractDecimals(a, b);
      case '*':
        return multiplyDecimals(a, b);
      case '/':
        return divideDecimals(a, b) ?? divisionByZero(ctx);
      default:
        return moduloDecimals(a, b) ?? divisionByZero(ctx);
    }
  });
}

/** Digits before and behind the point. */
function digitsOf(type: SqlType): readonly [whole: number, scale: number] {
  return type.kind === 'decimal' ? [type.length - type.scale, type.scale] : [20, 0];
}

function decimalResult(
  operator: Exclude<ArithmeticOperator, 'DIV'>,
  [whole, scale]: readonly [number, number],
  [otherWhole, otherScale]: readonly [number, number],
): SqlType {
  const wider = Math.max(scale, otherScale);
  switch (operator) {
    case '*':
      return decimalType(whole + otherWhole + scale + otherScale, scale + otherScale);
    case '/':
      return decimalType(whole + otherScale + scale + 4, scale + 4);
    default:
      return decimalType(Math.max(whole, otherWhole) + 1 + wider, wider);
  }
}

function realArithmetic(
  operator: Exclude<ArithmeticOperator, 'DIV'>,
  left: Compiled,
  right: Compiled,
): Compiled {
  return onBoth(left, right, DOUBLE, (x, y, ctx) => {
    const a = toReal(x, left.type, ctx);
    const b = toReal(y, right.type, ctx);
    if (b === 0 && (operator === '/' || operator === 'MOD')) return divisionByZero(ctx);
    const result = realOperation(operator, a, b);
    if (Number.isFinite(result)) return result + 0;
    const text = `(${formatReal(a)} ${operator} ${formatReal(b)})`;
    throw new SqlError(1690, `DOUBLE value is out of range in '${text}'`);
  });
}

function realOperation(operator: Exclude<ArithmeticOperator, 'DIV'>, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return a % b;
  }
}

function integerDivision(left: Compiled, right: Compiled): Compiled {
  const unsigned = left.type.unsigned || right.type.unsigned;
  const whole = left.type.kind === 'int' && right.type.kind === 'int';
  return onBoth(left, right, unsigned ? UNSIGNED_BIGINT : BIGINT, (x, y, ctx) => {
    const a = whole ? decimal(BigInt(x as number), 0) : toDecimal(x, left.type, ctx);
    const b = whole ? decimal(BigInt(y as number), 0) : toDecimal(y, right.type, ctx);
    if (b.unscaled === 0n) return divisionByZero(ctx);
    const numerator = a.unscaled * powerOfTen(b.scale);
    return inRange(numerator / (b.unscaled * powerOfTen(a.scale)), x, 'DIV', y, unsigned);
  });
}

/** `-operand`. */
export function negate(operand: Compiled): Compiled {
  const { evaluate, type } = operand;
  const kind = numericKind(type);
  const result = kind === 'real' ? DOUBLE : kind === 'decimal' ? type : BIGINT;
  const negated: Evaluate = (ctx, chunk, row) => {
    const value = evaluate(ctx, chunk, row);
    if (value === null) return null;
    if (kind === 'real') return 0 - toReal(value, type, ctx);
    if (kind === 'decimal') {
      const { unscaled, scale } = toDecimal(value, type, ctx);
      return decimal(-unscaled, scale);
    }
    const whole = toInteger(value, type, ctx);
    if (typeof whole === 'number') return 0 - whole;
    if (-whole >= -MAX_SIGNED - 1n) return toInt(-whole);
    throw new SqlError(1690, `BIGINT value is out of range in '-${whole}'`);
  };
  const compiled = {
    type: result,
    evaluate: negated,
    column: undefined,
    constant: operand.constant,
  };
  return operand.literal === undefined ? compiled : { ...compiled, literal: -operand.literal };
}

/** `| & ^ << >>` on 64 unsigned bits. */
export function bitwise(
  operator: '|' | '&' | '^' | '<<' | '>>',
  left: Compiled,
  right: Compiled,
): Compiled {
  return onBoth(left, right, UNSIGNED_BIGINT, (x, y, ctx) => {
    const a = bits(x, left.type, ctx);
    const b = bits(y, right.type, ctx);
    switch (operator) {
      case '|':
        return toInt(a | b);
      case '&':
        return toInt(a & b);
      case '^':
        return toInt(a ^ b);
      case '<<':
        return b > 63n ? 0 : toInt(BigInt.asUintN(64, a << b));
      default:
        return b > 63n ? 0 : toInt(a >> b);
    }
  });
}

/** `~operand`. */
export function complement(operand: Compiled): Compiled {
  const { evaluate, type } = operand;
  const inverted: Evaluate = (ctx, chunk, row) => {
    const value = evaluate(ctx, chunk, row);
    return value === null ? null : toInt(bits(value, type, ctx) ^ MAX_UNSIGNED);
  };
  return {
    type: UNSIGNED_BIGINT,
    evaluate: inverted,
    column: undefined,
    constant: operand.constant,
  };
}

function bits(value: NotNull, type: SqlType, ctx: StatementContext): bigint {
  const whole =
    type.kind === 'decimal'
      ? decimalToBigInt(toDecimal(value, type, ctx))
      : BigInt(toInteger(value, type, ctx));
  return BigInt.asUintN(64, whole);
}
