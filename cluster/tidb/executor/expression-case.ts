/** CASE, and the type that several alternatives have in common. */
import type { Case, Expression } from '../sql/ast.ts';
import {
  BIGINT,
  DATETIME,
  DOUBLE,
  decimalType,
  NULL_TYPE,
  type SqlType,
  TEXT,
} from '../sql/catalog-type.ts';
import { cast, truth } from './coerce.ts';
import type { Compiled, Evaluate } from './context.ts';
import { comparison } from './expression-compare.ts';
import { constant } from './expression-constant.ts';

/** The type that values of all these types can be turned into. Source: MySQL "Control Flow". */
export function commonType(types: readonly SqlType[]): SqlType {
  let common = NULL_TYPE;
  for (const type of types) common = pairType(common, type);
  return common;
}

function pairType(a: SqlType, b: SqlType): SqlType {
  if (a.kind === 'null') return b;
  if (b.kind === 'null') return a;
  if (a.kind === 'string' || b.kind === 'string') {
    return a.kind === b.kind ? (a.length >= b.length ? a : b) : TEXT;
  }
  if (a.kind === 'int' && b.kind === 'int') return integerPair(a, b);
  if (a.kind === b.kind && a.kind !== 'decimal') return a.scale >= b.scale ? a : b;
  const moment = (type: SqlType): boolean => type.kind === 'datetime' || type.kind === 'date';
  if (moment(a) && moment(b)) return DATETIME;
  if (moment(a) || moment(b) || a.kind === 'time' || b.kind === 'time') return TEXT;
  if (a.kind === 'real' || b.kind === 'real') return DOUBLE;
  const scale = Math.max(a.scale, b.scale);
  const whole = (type: SqlType): number =>
    type.kind === 'decimal' ? type.length - type.scale : 20;
  return decimalType(Math.max(whole(a), whole(b)) + scale, scale);
}

function integerPair(a: SqlType, b: SqlType): SqlType {
  if (a.unsigned !== b.unsigned) return decimalType(20, 0);
  return a.name === b.name ? a : { ...BIGINT, unsigned: a.unsigned };
}

/** The expression in another type; itself when it has that type. */
export function converted(compiled: Compiled, type: SqlType): Compiled {
  const from = compiled.type;
  const same = from.kind === type.kind && (from.kind !== 'decimal' || from.scale === type.scale);
  if (same || from.kind === 'null') return compiled;
  const { evaluate } = compiled;
  return {
    type,
    evaluate: (ctx, chunk, row) => cast(evaluate(ctx, chunk, row), from, type, ctx),
    column: undefined,
    constant: compiled.constant,
  };
}

/** CASE in both forms. */
export function caseWhen(node: Case, sub: (node: Expression) => Compiled): Compiled {
  const operand = node.operand === undefined ? undefined : sub(node.operand);
  const conditions = node.branches.map(({ when }) => {
    const condition = sub(when);
    return operand === undefined ? condition : comparison('=', operand, condition);
  });
  const results = node.branches.map((branch) => sub(branch.result));
  const otherwise =
    node.otherwise === undefined ? constant(NULL_TYPE, () => null) : sub(node.otherwise);
  return choose(conditions, results, otherwise);
}

/** The result of the first condition that is true. */
export function choose(
  conditions: readonly Compiled[],
  results: readonly Compiled[],
  otherwise: Compiled,
): Compiled {
  const type = commonType([...results, otherwise].map((result) => result.type));
  const outcomes = results.map((result) => converted(result, type));
  const last = converted(otherwise, type);
  const evaluate: Evaluate = (ctx, chunk, row) => {
    for (let i = 0; i < conditions.length; i++) {
      const condition = conditions[i] as Compiled;
      if (truth(condition.evaluate(ctx, chunk, row), condition.type, ctx) === true) {
        return (outcomes[i] as Compiled).evaluate(ctx, chunk, row);
      }
    }
    return last.evaluate(ctx, chunk, row);
  };
  const all = [...conditions, ...results, otherwise];
  return { type, evaluate, column: undefined, constant: all.every((part) => part.constant) };
}
