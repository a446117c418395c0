/** Functions on text. Positions and lengths count characters, not code units. */

import { SqlError } from '../../errors.ts';
import { utf8 } from '../../utf8.ts';
import type { Trim } from '../sql/ast.ts';
import { BIGINT, TEXT } from '../sql/catalog-type.ts';
import { toInteger, toText } from './coerce.ts';
import type { Compiled, Evaluate } from './context.ts';
import { predicate } from './expression-logic.ts';
import type { Value } from './value.ts';

/** A function of texts; NULL as soon as one of them is. */
export function ofTexts(
  args: readonly Compiled[],
  type: Compiled['type'],
  operation: (...texts: string[]) => Value,
): Compiled {
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const texts: string[] = [];
    for (const arg of args) {
      const value = arg.evaluate(ctx, chunk, row);
      if (value === null) return null;
      texts.push(toText(value, arg.type));
    }
    return operation(...texts);
  };
  return { type, evaluate, column: undefined, constant: args.every((arg) => arg.constant) };
}

/** Length in bytes of the UTF-8 form. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
  }
  return bytes;
}

/** SUBSTRING(text, from[, count]): positions from 1, negative ones from the end. */
export function substring(args: readonly Compiled[]): Compiled {
  const [text, from, count] = args as [Compiled, Compiled, Compiled | undefined];
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const value = text.evaluate(ctx, chunk, row);
    const start = from.evaluate(ctx, chunk, row);
    const wanted = count === undefined ? undefined : count.evaluate(ctx, chunk, row);
    if (value === null || start === null || wanted === null) return null;
    const characters = [...toText(value, text.type)];
    const position = Number(toInteger(start, from.type, ctx));
    const begin = position > 0 ? position - 1 : characters.length + position;
    if (position === 0 || begin < 0) return '';
    const length =
      wanted === undefined || count === undefined
        ? characters.length
        : Number(toInteger(wanted, count.type, ctx));
    return length <= 0 ? '' : characters.slice(begin, begin + length).join('');
  };
  return { type: TEXT, evaluate, column: undefined, constant: args.every((arg) => arg.constant) };
}

/** LEFT(text, n) and RIGHT(text, n). */
export function edge(args: readonly Compiled[], right: boolean): Compiled {
  const [text, count] = args as [Compiled, Compiled];
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const value = text.evaluate(ctx, chunk, row);
    const wanted = count.evaluate(ctx, chunk, row);
    if (value === null || wanted === null) return null;
    const characters = [...toText(value, text.type)];
    const length = Math.max(0, Number(toInteger(wanted, count.type, ctx)));
    const from = right ? Math.max(0, characters.length - length) : 0;
    return characters.slice(from, from + length).join('');
  };
  return { type: TEXT, evaluate, column: undefined, constant: args.every((arg) => arg.constant) };
}

/** LPAD and RPAD. */
export function padText(args: readonly Compiled[], left: boolean): Compiled {
  const [text, length, filler] = args as [Compiled, Compiled, Compiled];
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const values = [text, length, filler].map((arg) => arg.evaluate(ctx, chunk, row));
    const [value, wanted, fill] = values as [Value, Value, Value];
    if (value === null || wanted === null || fill === null) return null;
    const characters = [...toText(value, text.type)];
    const size = Number(toInteger(wanted, length.type, ctx));
    if (size < 0) return null;
    if (characters.length >= size) return characters.slice(0, size).join('');
    const padding = [...toText(fill, filler.type)];
    if (padding.length === 0) return '';
    const missing = size - characters.length;
    const added = Array.from({ length: missing }, (_, i) => padding[i % padding.length]).join('');
    return left ? added + characters.join('') : characters.join('') + added;
  };
  return { type: TEXT, evaluate, column: undefined, constant: args.every((arg) => arg.constant) };
}

/** TRIM of blanks or of another text, at one or both ends. */
export function trimText(text: string, removed: string, direction: Trim['direction']): string {
  if (removed === '') return text;
  let start = 0;
  let end = text.length;
  if (direction !== 'TRAILING') {
    while (end - start >= removed.length && text.startsWith(removed, start))
      start += removed.length;
  }
  if (direction !== 'LEADING') {
    while (end - start >= removed.length && text.startsWith(removed, end - removed.length)) {
      end -= removed.length;
    }
  }
  return text.slice(start, end);
}

/** HEX(value): of a number its digits, of a text its UTF-8 bytes. */
export function hex(args: readonly Compiled[]): Compiled {
  const [arg] = args as [Compiled];
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const value = arg.evaluate(ctx, chunk, row);
    if (value === null) return null;
    if (arg.type.kind !== 'string') {
      const bits = BigInt.asUintN(64, BigInt(toInteger(value, arg.type, ctx)));
      return bits.toString(16).toUpperCase();
    }
    return utf8(toText(value, arg.type))
      .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
      .join('');
  };
  return { type: TEXT, evaluate, column: undefined, constant: arg.constant };
}

/** `operand [NOT] REGEXP pattern`, as far as JavaScript's expressions agree with the server's. */
export function regexpTest(operand: Compiled, pattern: Compiled, negated: boolean): Compiled {
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const value = operand.evaluate(ctx, chunk, row);
    const wanted = pattern.evaluate(ctx, chunk, row);
    if (value === null || wanted === null) return null;
    const expression = regExpOf(toText(wanted, pattern.type));
    return expression.test(toText(value, operand.type)) === negated ? 0 : 1;
  };
  return { ...predicate(evaluate, operand, pattern), type: BIGINT };
}

function regExpOf(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    throw new SqlError(1139, `Got error 'error parsing regexp: ${source}' from regexp`);
  }
}
