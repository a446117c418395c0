import { SqlError } from '../../../errors.ts';
import type { Compiled } from '../../executor/context.ts';
import { castTo } from '../../executor/expression.ts';
import { commonType } from '../../executor/expression-case.ts';
import { columnAt } from '../../executor/expression-constant.ts';
import { HashAgg } from '../../executor/hash-agg.ts';
import type { Plan } from '../../executor/plan.ts';
import { Projection } from '../../executor/projection.ts';
import { SetDifference } from '../../executor/set-difference.ts';
import { UnionAll } from '../../executor/union-all.ts';
import type { Expression, SelectExpression, SetOperation } from '../ast.ts';
import { type SqlType, storageKind } from '../catalog-type.ts';
import { distinctOf } from './estimate.ts';
import { sortAndLimit } from './order-by.ts';
import type { PlanEnvironment, PlannedQuery } from './scope.ts';
import { outputOf } from './select-list.ts';

/**
 * Plans UNION [ALL], EXCEPT and INTERSECT. Throws 1222 when the sides differ in width, 1105 for
 * EXCEPT ALL and INTERSECT ALL, which TiDB has not.
 */
export function planSetOperation(query: SetOperation, env: PlanEnvironment): PlannedQuery {
  const { operator } = query;
  if (operator !== 'UNION' && query.all) {
    throw new SqlError(1105, `TiDB do not support ${operator.toLowerCase()} all`);
  }
  const left = env.planQuery(query.left, env);
  const right = env.planQuery(query.right, env);
  if (left.plan.types.length !== right.plan.types.length) {
    throw new SqlError(1222, 'The used SELECT statements have a different number of columns');
  }
  const types = left.plan.types.map((type, i) =>
    commonType([type, right.plan.types[i] as SqlType]),
  );
  const { names } = left;
  const sides = { left: cast(left.plan, types), right: cast(right.plan, types) };
  const plan =
    operator === 'UNION'
      ? union([sides.left, sides.right], query.all, names)
      : new SetDifference({ operator, ...sides });
  const items = names.map(outputItem);
  const at = query.orderBy.map(({ expression }) => outputOf(expression, items));
  const compiled = at.map((i) => columnAt(i, types[i] as SqlType));
  const columns = names.map(() => ({
    label: env.texts?.newColumn() ?? '',
    distinct: distinctOf(plan.estimate),
  }));
  const { orderBy, limit } = query;
  const labels = new Map(
    orderBy.map(({ expression }, i) => [expression, columns[at[i] as number]?.label]),
  );
  const labelOf = (each: Expression): string | undefined => labels.get(each);
  const sorted = sortAndLimit({ plan, orderBy, compiled, limit, labelOf }, env);
  return { plan: sorted, names, columns };
}

function union(sides: readonly Plan[], all: boolean, names: readonly string[]): Plan {
  const both = new UnionAll(sides);
  if (all) return both;
  const keys = both.types.map((type, i) => columnAt(i, type));
  return new HashAgg(both, keys, [], `group by:${names.join(', ')}`);
}

/** A side of a set operation with columns of other types. */
export function cast(plan: Plan, types: readonly SqlType[]): Plan {
  const alike = types.every((type, i) => {
    const own = plan.types[i] as SqlType;
    const wide = type.kind !== 'decimal' || own.length === type.length;
    const kept = storageKind(own) === storageKind(type) && own.scale === type.scale && wide;
    return kept && own.kind === type.kind && own.unsigned === type.unsigned;
  });
  if (alike) return plan;
  const items: Compiled[] = types.map((type, i) =>
    castTo(columnAt(i, plan.types[i] as SqlType), type),
  );
  return new Projection(plan, items, 'cast');
}

function outputItem(name: string): SelectExpression {
  const expression = { kind: 'column', schema: undefined, table: undefined, name } as const;
  return { kind: 'expression', expression, alias: name, text: name };
}
