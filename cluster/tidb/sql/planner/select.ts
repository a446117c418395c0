import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { columnAt, constant } from '../../executor/expression-constant.ts';
import type { Plan } from '../../executor/plan.ts';
import { Projection } from '../../executor/projection.ts';
import { Selection } from '../../executor/selection.ts';
import type { Expression, Select, SelectExpression } from '../ast.ts';
import { aggregation } from './aggregation.ts';
import { distinctOf } from './estimate.ts';
import { planFrom } from './from.ts';
import { group } from './group.ts';
import { locked } from './lock-clause.ts';
import { sortAndLimit } from './order-by.ts';
import {
  type PlanEnvironment,
  type PlannedQuery,
  PlanResolver,
  type Scope,
  type ScopeColumn,
  type WantedColumns,
} from './scope.ts';
import { selectEnvironment } from './select-hints.ts';
import { expandItems, nameOf, orderExpression, outputOf, withAliases } from './select-list.ts';
import type { Pool, Source, Usage } from './source.ts';
import { columnsIn, conjuncts, hasWildcard } from './walk.ts';
import { planWindows, refuseWindowAliases } from './window.ts';

/** Plans one SELECT: from, where, group, having, order, lock, projection, in the order they run. */
export function planSelect(
  select: Select,
  outer: PlanEnvironment,
  wanted?: WantedColumns,
): PlannedQuery {
  const env = selectEnvironment(select, outer);
  const pool: Pool = new Set(conjuncts(select.where));
  const source = planFrom(select.from, pool, usageOf(select), env);
  const where = new PlanResolver(env, source.scope, source.plan);
  filter([...pool], where);
  const items = expandItems(select.items, source);
  const resolver = group(select, items, where, source) ?? where;
  if (select.having !== undefined) {
    refuseWindowAliases(select.having, items);
    filter(conjuncts(withAliases(select.having, items, source.scope)), resolver);
  }
  planWindows(select, items, resolver, source);
  const outputs = items.map(({ expression }) => compile(expression, resolver));
  if (select.distinct) return planDistinct(select, resolver, items, outputs, source, env);
  return planPlain({ select, items, outputs, resolver, source, env }, wanted);
}

interface SelectParts {
  readonly select: Select;
  readonly items: readonly SelectExpression[];
  readonly outputs: readonly Compiled[];
  readonly resolver: PlanResolver;
  readonly source: Source;
  readonly env: PlanEnvironment;
}

function planPlain(parts: SelectParts, wanted: WantedColumns | undefined): PlannedQuery {
  const { select, items, outputs, resolver, source, env } = parts;
  const names = items.map(nameOf);
  let plan = ordered(select, items, resolver, source, env);
  if (select.lock !== undefined) plan = locked(plan, select, source);
  const read = outputs.map((output, i) =>
    wanted === undefined || wanted(names[i] as string, i) ? output : unread(output),
  );
  return project(plan, read, items, resolver, source.scope);
}

/** A column nobody reads is not computed, so that it cannot fail either. */
function unread({ type }: Compiled): Compiled {
  return constant(type, () => null);
}

function usageOf(select: Select): Usage {
  const all = hasWildcard(select.items) || isNatural(select.from);
  const names = new Set(columnsIn(select).map(({ name }) => name.toLowerCase()));
  for (const name of usingNames(select.from)) names.add(name);
  return { names: all ? undefined : names, handles: select.lock !== undefined };
}

/** NATURAL may mean any column. */
function isNatural(from: Select['from']): boolean {
  if (from === undefined || from.kind !== 'join') return false;
  return from.natural || isNatural(from.left) || isNatural(from.right);
}

/** Names that joins mention without a column reference. */
function usingNames(from: Select['from']): string[] {
  if (from === undefined || from.kind !== 'join') return [];
  const own = from.using.map((name) => name.toLowerCase());
  return [...own, ...usingNames(from.left), ...usingNames(from.right)];
}

/** Lets only rows pass for which all conditions hold. */
export function filter(conditions: readonly Expression[], resolver: PlanResolver): void {
  if (conditions.length === 0) return;
  const compiled = conditions.map((condition) => compile(condition, resolver));
  resolver.plan = new Selection(resolver.plan, compiled, resolver.describe(conditions));
}

function ordered(
  select: Select,
  items: readonly SelectExpression[],
  resolver: PlanResolver,
  source: Source,
  env: PlanEnvironment,
): Plan {
  const orderBy = select.orderBy.map(({ expression, descending }) => ({
    expression: orderExpression(expression, items, source.scope),
    descending,
  }));
  const compiled = orderBy.map(({ expression }) => compile(expression, resolver));
  const { plan } = resolver;
  const leaf = plan === source.plan && select.lock === undefined ? source.leaf : undefined;
  const labelOf = (each: Expression): string | undefined => resolver.label(each);
  return sortAndLimit({ plan, orderBy, compiled, limit: select.limit, leaf, labelOf }, env);
}

function project(
  plan: Plan,
  outputs: readonly Compiled[],
  items: readonly SelectExpression[],
  resolver: PlanResolver,
  scope: Scope,
): PlannedQuery {
  const names = items.map(nameOf);
  const { columns, info } = outputColumns(plan, outputs, items, resolver, scope);
  const same =
    outputs.length === plan.types.length && outputs.every(({ column }, i) => column === i);
  return { plan: same ? plan : new Projection(plan, outputs, info), names, columns };
}

/** What is known of the columns of an answer, and how EXPLAIN describes their projection. */
function outputColumns(
  plan: Plan,
  outputs: readonly Compiled[],
  items: readonly SelectExpression[],
  resolver: PlanResolver,
  scope: Scope,
): { readonly columns: PlannedQuery['columns']; readonly info: string } {
  const { texts } = resolver.env;
  const shown: string[] = [];
  const columns = items.map(({ expression }, i) => {
    const label = resolver.label(expression);
    const { column } = outputs[i] as Compiled;
    const isColumn = label !== undefined && column !== undefined;
    const text = texts?.expression(expression, (each) => resolver.label(each)) ?? '';
    const own = isColumn ? label : (texts?.newColumn() ?? '');
    shown.push(isColumn ? label : `${text}->${own}`);
    const known = expression.kind === 'column' ? knownDistinct(label, scope) : undefined;
    return { label: own, distinct: Math.min(known ?? distinctOf(plan.estimate), plan.estimate) };
  });
  return { columns, info: shown.join(', ') };
}

function knownDistinct(label: string | undefined, scope: Scope): number | undefined {
  return scope.find((column: ScopeColumn) => column.label === label)?.distinct;
}

/** DISTINCT: duplicates go before ORDER BY, which may then only speak of the select list. */
function planDistinct(
  select: Select,
  resolver: PlanResolver,
  items: readonly SelectExpression[],
  outputs: readonly Compiled[],
  source: Source,
  env: PlanEnvironment,
): PlannedQuery {
  const keys = items.map(({ expression }) => expression);
  const { columns } = outputColumns(resolver.plan, outputs, items, resolver, source.scope);
  const { plan } = aggregation(
    {
      keys,
      compiledKeys: outputs,
      kept: keys.map(() => true),
      calls: [],
      aggregates: [],
      distinct: columns.map(({ distinct }) => distinct),
      leaf: resolver.plan === source.plan ? source.leaf : undefined,
    },
    resolver,
  );
  const at = select.orderBy.map(({ expression }) => outputOf(expression, items));
  const compiled = at.map((i) => columnAt(i, plan.types[i] as Compiled['type']));
  const labels = new Map(
    select.orderBy.map(({ expression }, i) => [expression, columns[at[i] as number]?.label]),
  );
  const { orderBy, limit } = select;
  const labelOf = (each: Expression): string | undefined => labels.get(each);
  const sorted = sortAndLimit({ plan, orderBy, compiled, limit, labelOf }, env);
  return { plan: sorted, names: items.map(nameOf), columns };
}
