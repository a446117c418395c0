import { SqlError } from '../../../errors.ts';
import { comparisonType } from '../../executor/coerce.ts';
import type { Compiled } from '../../executor/context.ts';
import { castTo } from '../../executor/expression.ts';
import { columnAt } from '../../executor/expression-constant.ts';
import { HashAgg } from '../../executor/hash-agg.ts';
import type { Plan } from '../../executor/plan.ts';
import { Projection } from '../../executor/projection.ts';
import { UnionAll } from '../../executor/union-all.ts';
import type { SelectExpression, SetOperation } from '../ast.ts';
import type { SqlType } from '../catalog-type.ts';
import type { PlanEnvironment, PlannedQuery } from './scope.ts';
import { outputOf, sortAndLimit } from './select.ts';

/** Plans UNION [ALL]. Throws 1222 when the sides differ in width, 1235 for EXCEPT and INTERSECT. */
export function planSetOperation(query: SetOperation, env: PlanEnvironment): PlannedQuery {
  if (query.operator !== 'UNION') {
    throw new SqlError(1235, `This version of TiDB doesn't yet support '${query.operator}'`);
  }
  const left = env.planQuery(query.left, env);
  const right = env.planQuery(query.right, env);
  if (left.plan.types.length !== right.plan.types.length) {
    throw new SqlError(1222, 'The used SELECT statements have a different number of columns');
  }
  const types = left.plan.types.map((type, i) => common(type, right.plan.types[i] as SqlType));
  const { names } = left;
  let plan: Plan = new UnionAll([cast(left.plan, types), cast(right.plan, types)]);
  if (!query.all) {
    const keys = types.map((type, i) => columnAt(i, type));
    plan = new HashAgg(plan, keys, [], `group by:${names.join(', ')}`);
  }
  const items = names.map(outputItem);
  const sortKeys = query.orderBy.map(({ expression, descending }) => {
    const at = outputOf(expression, items);
    return { compiled: columnAt(at, types[at] as SqlType), descending };
  });
  return { plan: sortAndLimit(plan, sortKeys, query.orderBy, query.limit, env), names };
}

function common(a: SqlType, b: SqlType): SqlType {
  const type = comparisonType(a, b);
  if (type.kind === 'string') return { ...type, length: Math.max(a.length, b.length) };
  if (type.kind !== 'decimal') return type;
  const scale = Math.max(a.scale, b.scale);
  return { ...type, scale, length: Math.max(a.length - a.scale, b.length - b.scale) + scale };
}

function cast(plan: Plan, types: readonly SqlType[]): Plan {
  const alike = types.every((type, i) => {
    const own = plan.types[i] as SqlType;
    return own.kind === type.kind && own.scale === type.scale && own.unsigned === type.unsigned;
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
