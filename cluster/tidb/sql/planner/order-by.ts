import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { Limit, type RowWindow } from '../../executor/limit.ts';
import type { SortKey } from '../../executor/order.ts';
import type { Plan } from '../../executor/plan.ts';
import { Sort } from '../../executor/sort.ts';
import { TopN } from '../../executor/top-n.ts';
import type { Expression, Limit as LimitClause, OrderItem } from '../ast.ts';
import { isPure } from './pure.ts';
import type { FirstRows, PushedLimit } from './pushed-limit.ts';
import { type PlanEnvironment, ScopeResolver } from './scope.ts';
import type { TableLeaf } from './table-leaf.ts';
import type { LabelOf } from './texts.ts';

/** ORDER BY and LIMIT on top of a plan. */
export interface OrderRequest {
  readonly plan: Plan;
  readonly orderBy: readonly OrderItem[];
  /** The keys of ORDER BY over the plan's columns. */
  readonly compiled: readonly Compiled[];
  readonly limit: LimitClause | undefined;
  /** Set where the plan is nothing but the reader of one table. */
  readonly leaf?: TableLeaf | undefined;
  /** What EXPLAIN calls the plan's columns. */
  readonly labelOf: LabelOf;
}

/**
 * Puts rows in order and keeps the first of them. A key's own order is used where there is one;
 * stores sort and cut down their part where they can.
 */
export function sortAndLimit(request: OrderRequest, env: PlanEnvironment): Plan {
  const { limit, orderBy } = request;
  if (orderBy.length === 0)
    return limit === undefined ? request.plan : limited(request, limit, env);
  return inKeyOrder(request, env) ?? sorted(request, env);
}

function sorted(request: OrderRequest, env: PlanEnvironment): Plan {
  const { plan, orderBy, limit, leaf, labelOf } = request;
  const keys = sortKeys(request);
  const by = env.texts?.order(orderBy, labelOf) ?? '';
  if (limit === undefined) return new Sort(plan, keys, by);
  const { window, text, pushed } = pushedLimit(plan, limit, env);
  const pure = orderBy.every(({ expression }) => isPure(expression));
  const below = { ...pushed, info: `${by}, ${pushed.info}` };
  const top = pure ? leaf?.top(keys, { window, text, pushed: below }) : undefined;
  return new TopN(top ?? plan, keys, window, `${by}, ${text}`).expecting(pushed.estimate);
}

function sortKeys({ orderBy, compiled }: OrderRequest): SortKey[] {
  return orderBy.map(({ descending }, i) => ({ compiled: compiled[i] as Compiled, descending }));
}

/** The table has the order by itself. */
function inKeyOrder(request: OrderRequest, env: PlanEnvironment): Plan | undefined {
  const { orderBy, compiled, leaf, limit, plan } = request;
  const columns = compiled.map(({ column }) => column);
  const descending = orderBy[0]?.descending === true;
  if (leaf === undefined || columns.includes(undefined)) return undefined;
  if (orderBy.some((item) => item.descending !== descending)) return undefined;
  const order = { columns: columns as number[], descending };
  if (limit === undefined) return leaf.ordered(order);
  const first = pushedLimit(plan, limit, env);
  const read = leaf.firstInOrder(order, first);
  return read === undefined ? undefined : cutOff(read, first);
}

function limited({ plan, leaf }: OrderRequest, limit: LimitClause, env: PlanEnvironment): Plan {
  const first = pushedLimit(plan, limit, env);
  return cutOff(leaf?.limited(first) ?? { plan, exact: false }, first);
}

function cutOff({ plan, exact }: FirstRows, { window, text, pushed }: PushedLimit): Plan {
  return exact ? plan : new Limit(plan, window, text).expecting(pushed.estimate);
}

function pushedLimit(plan: Plan, limit: LimitClause, env: PlanEnvironment): PushedLimit {
  const estimate = Math.min(plan.estimate, wantedRows(limit));
  return {
    window: windowFor(limit, env),
    text: windowText(limit, env),
    pushed: { info: pushedText(limit, env), estimate },
  };
}

/** LIMIT, ready to run. */
export function windowFor(limit: LimitClause, env: PlanEnvironment): RowWindow {
  const resolver = new ScopeResolver(env, []);
  const offset = limit.offset === undefined ? undefined : compile(limit.offset, resolver);
  return { count: compile(limit.count, resolver), offset };
}

/** `offset:0, count:1`. */
function windowText({ offset, count }: LimitClause, { texts }: PlanEnvironment): string {
  if (texts === undefined) return '';
  const text = (expression: Expression): string => texts.expression(expression, () => undefined);
  return `offset:${offset === undefined ? 0 : text(offset)}, count:${text(count)}`;
}

/** What stores are asked for: all rows up to the end of the window. */
function pushedText(limit: LimitClause, { texts }: PlanEnvironment): string {
  if (texts === undefined) return '';
  const [offset, count] = [limit.offset, limit.count].map((each) =>
    each === undefined ? 0 : Number(texts.expression(each, () => undefined)),
  );
  return `offset:0, count:${(offset ?? 0) + (count ?? 0)}`;
}

/** Rows up to the end of the window; a parameter is taken for 1. */
function wantedRows({ offset, count }: LimitClause): number {
  const value = (expression: Expression | undefined): number =>
    expression?.kind === 'literal' ? Number(expression.value) : 0;
  return Math.max(1, value(offset) + value(count));
}
