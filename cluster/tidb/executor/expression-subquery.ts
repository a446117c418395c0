/**
 * Subqueries inside expressions. Their rows are there before the expression is computed: for the
 * whole statement, or through `Apply` for the row at hand.
 */
import { SqlError } from '../../errors.ts';
import type { ComparisonOperator } from '../sql/ast.ts';
import { BIGINT, type SqlType } from '../sql/catalog-type.ts';
import type { Compiled, Evaluate, StatementContext, SubqueryResult } from './context.ts';
import { type CompareValues, comparer, satisfies } from './expression-compare.ts';
import { constant } from './expression-constant.ts';
import { predicate } from './expression-logic.ts';
import type { Value } from './value.ts';

/** A planned subquery: its number and the types of its columns. */
export interface Subquery {
  readonly index: number;
  readonly types: readonly SqlType[];
}

function rowsOf(ctx: StatementContext, query: Subquery): SubqueryResult['rows'] {
  return (ctx.subqueries[query.index] as SubqueryResult).rows;
}

function oneColumn(query: Subquery): SqlType {
  const [type] = query.types;
  if (type === undefined || query.types.length !== 1) {
    throw new SqlError(1241, 'Operand should contain 1 column(s)');
  }
  return type;
}

/** `(SELECT …)` as a value: NULL without a row, error 1242 with more than one. */
export function scalarSubquery(query: Subquery): Compiled {
  return constant(oneColumn(query), (ctx) => {
    const rows = rowsOf(ctx, query);
    if (rows.length > 1) throw new SqlError(1242, 'Subquery returns more than 1 row');
    return rows[0]?.[0] ?? null;
  });
}

/** EXISTS. */
export function exists(query: Subquery): Compiled {
  return constant(BIGINT, (ctx) => (rowsOf(ctx, query).length > 0 ? 1 : 0));
}

/** `(a, b) [NOT] IN (SELECT …)`. */
export function inSubquery(
  operands: readonly Compiled[],
  query: Subquery,
  negated: boolean,
): Compiled {
  if (operands.length !== query.types.length) {
    throw new SqlError(1241, `Operand should contain ${operands.length} column(s)`);
  }
  const comparers = operands.map((operand, i) => comparer(operand.type, query.types[i] as SqlType));
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const values = operands.map((operand) => operand.evaluate(ctx, chunk, row));
    let unknown = false;
    for (const candidate of rowsOf(ctx, query)) {
      const match = sameRow(values, candidate, comparers, ctx);
      if (match === true) return negated ? 0 : 1;
      if (match === null) unknown = true;
    }
    return unknown ? null : negated ? 1 : 0;
  };
  return predicate(evaluate, ...operands);
}

function sameRow(
  values: readonly Value[],
  candidate: readonly Value[],
  comparers: readonly CompareValues[],
  ctx: StatementContext,
): boolean | null {
  let unknown = false;
  for (let i = 0; i < values.length; i++) {
    const compare = comparers[i] as CompareValues;
    const sign = compare(values[i] as Value, candidate[i] as Value, ctx);
    if (sign === null) unknown = true;
    else if (sign !== 0) return false;
  }
  return unknown ? null : true;
}

/** `left operator ANY|ALL (SELECT …)`. */
export function quantified(
  left: Compiled,
  query: Subquery,
  operator: ComparisonOperator,
  quantifier: 'ANY' | 'ALL',
): Compiled {
  const compare = comparer(left.type, oneColumn(query));
  const decisive = quantifier === 'ANY';
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const value = left.evaluate(ctx, chunk, row);
    let unknown = false;
    for (const [candidate] of rowsOf(ctx, query)) {
      const sign = compare(value, candidate ?? null, ctx);
      if (sign === null) unknown = true;
      else if (satisfies(operator, sign) === decisive) return decisive ? 1 : 0;
    }
    return unknown ? null : decisive ? 0 : 1;
  };
  return predicate(evaluate, left);
}
