/** Comparisons and the predicates made of them. */
import type { ComparisonOperator, Is } from '../sql/ast.ts';
import { comparisonType, type NotNull, toText, truth } from './coerce.ts';
import { bringTo, orderOf } from './compare.ts';
import type { Compiled, Evaluate, StatementContext } from './context.ts';
import { conjunction, negation, predicate } from './expression-logic.ts';
import type { Value } from './value.ts';

/** Compares two values of the operands' types; null if either is NULL or cannot be compared. */
export type CompareValues = (a: Value, b: Value, ctx: StatementContext) => number | null;

/** How values of two types compare. */
export function comparer(left: Compiled['type'], right: Compiled['type']): CompareValues {
  const { kind } = comparisonType(left, right);
  const order = orderOf(kind);
  const bringLeft = bringTo(left, kind);
  const bringRight = bringTo(right, kind);
  if (bringLeft === undefined && bringRight === undefined) {
    return (a, b) => (a === null || b === null ? null : order(a, b));
  }
  return (a, b, ctx) => {
    if (a === null || b === null) return null;
    const x = bringLeft === undefined ? a : bringLeft(a, ctx);
    const y = bringRight === undefined ? b : bringRight(b, ctx);
    return x === null || y === null ? null : order(x, y);
  };
}

/** Whether the sign of a comparison satisfies an operator. */
export function satisfies(operator: ComparisonOperator, sign: number): boolean {
  switch (operator) {
    case '=':
    case '<=>':
      return sign === 0;
    case '!=':
      return sign !== 0;
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    default:
      return sign >= 0;
  }
}

/** `left operator right`. */
export function comparison(
  operator: ComparisonOperator,
  left: Compiled,
  right: Compiled,
): Compiled {
  const compare = comparer(left.type, right.type);
  const a = left.evaluate;
  const b = right.evaluate;
  if (operator === '<=>') {
    const evaluate: Evaluate = (ctx, chunk, row) => {
      const x = a(ctx, chunk, row);
      const y = b(ctx, chunk, row);
      if (x === null || y === null) return x === y ? 1 : 0;
      return compare(x, y, ctx) === 0 ? 1 : 0;
    };
    return predicate(evaluate, left, right);
  }
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const sign = compare(a(ctx, chunk, row), b(ctx, chunk, row), ctx);
    return sign === null ? null : satisfies(operator, sign) ? 1 : 0;
  };
  return predicate(evaluate, left, right);
}

/** `operand [NOT] IN (list)`: unknown when nothing matched but something was NULL. */
export function inList(operand: Compiled, list: readonly Compiled[], negated: boolean): Compiled {
  const comparers = list.map((item) => comparer(operand.type, item.type));
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const value = operand.evaluate(ctx, chunk, row);
    if (value === null) return null;
    let unknown = false;
    for (let i = 0; i < list.length; i++) {
      const item = (list[i] as Compiled).evaluate(ctx, chunk, row);
      const sign = (comparers[i] as CompareValues)(value, item, ctx);
      if (sign === 0) return negated ? 0 : 1;
      if (sign === null) unknown = true;
    }
    return unknown ? null : negated ? 1 : 0;
  };
  return predicate(evaluate, operand, ...list);
}

/** `operand [NOT] BETWEEN low AND high`. */
export function between(
  operand: Compiled,
  low: Compiled,
  high: Compiled,
  negated: boolean,
): Compiled {
  const inside = conjunction(comparison('>=', operand, low), comparison('<=', operand, high));
  return negated ? negation(inside) : inside;
}

/** `operand IS [NOT] NULL|TRUE|FALSE`. */
export function isTest(operand: Compiled, wanted: Is['truth'], negated: boolean): Compiled {
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const value = operand.evaluate(ctx, chunk, row);
    const holds =
      wanted === 'NULL' ? value === null : truth(value, operand.type, ctx) === (wanted === 'TRUE');
    return holds === negated ? 0 : 1;
  };
  return predicate(evaluate, operand);
}

/** `operand [NOT] LIKE pattern ESCAPE …`. Blanks at the end count here. */
export function like(
  operand: Compiled,
  pattern: Compiled,
  escapeWith: string,
  negated: boolean,
): Compiled {
  let lastText: string | undefined;
  let last = /^/;
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const value = operand.evaluate(ctx, chunk, row);
    const wanted = pattern.evaluate(ctx, chunk, row);
    if (value === null || wanted === null) return null;
    const text = toText(wanted, pattern.type);
    if (text !== lastText) {
      last = likeToRegExp(text, escapeWith);
      lastText = text;
    }
    return last.test(toText(value as NotNull, operand.type)) === negated ? 0 : 1;
  };
  return predicate(evaluate, operand, pattern);
}

/** `%` is any text, `_` any character. */
function likeToRegExp(pattern: string, escapeWith: string): RegExp {
  let source = '';
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    let character = characters[i] as string;
    if (character === escapeWith && i + 1 < characters.length) {
      character = characters[++i] as string;
      source += quoteRegExp(character);
    } else if (character === '%') source += '[^]*';
    else if (character === '_') source += '[^]';
    else source += quoteRegExp(character);
  }
  return new RegExp(`^${source}$`, 'u');
}

function quoteRegExp(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
