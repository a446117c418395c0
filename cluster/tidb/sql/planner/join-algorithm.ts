import type { Compiled } from '../../executor/context.ts';
import { IndexJoin } from '../../executor/index-join.ts';
import { MergeJoin } from '../../executor/merge-join.ts';
import type { SortKey } from '../../executor/order.ts';
import type { Plan } from '../../executor/plan.ts';
import { Sort } from '../../executor/sort.ts';
import type { Expression } from '../ast.ts';
import { inapplicable, type JoinHint } from './hints.ts';
import { type PlanEnvironment, type Scope, ScopeResolver } from './scope.ts';
import type { EqualPair, Source } from './source.ts';

/** A join of which all but the algorithm is decided. */
export interface JoinParts {
  readonly type: 'inner' | 'left' | 'right';
  readonly left: Source;
  readonly right: Source;
  readonly equal: readonly EqualPair[];
  /** Other conditions, compiled for the joined row, and as they were written. */
  readonly other: readonly Compiled[];
  readonly rest: readonly Expression[];
  readonly scope: Scope;
  readonly estimate: number;
}

/** An index join has to look up so much less than there is. */
const LOOKUP_ADVANTAGE = 10;

/**
 * A join by merging or by looking up, where a hint wants one or it is plainly cheaper; undefined
 * leaves it to hashing. Source: TiDB `planner/core/exhaust_physical_plans.go`.
 */
export function otherJoin(parts: JoinParts, env: PlanEnvironment): Plan | undefined {
  const wish = wishFor(parts, env);
  switch (wish?.hint) {
    case 'HASH_JOIN':
      return undefined;
    case 'MERGE_JOIN':
      return parts.equal.length > 0 ? sortedMerge(parts, env) : refused(wish, env);
    case 'INL_JOIN':
      return wishedLookUp(parts, wish.tables, env) ?? refused(wish, env);
    default:
      return freeMerge(parts, env) ?? cheapLookUp(parts, env);
  }
}

interface Wish {
  readonly hint: JoinHint;
  readonly tables: readonly string[];
}

function wishFor({ left, right }: JoinParts, { hints }: PlanEnvironment): Wish | undefined {
  const aliases = [aliasOf(left), aliasOf(right)];
  return hints.joins.find(({ tables }) => tables.some((table) => aliases.includes(table)));
}

/** What the statement calls a source, if it is one table. */
function aliasOf({ scope }: Source): string | undefined {
  const [first] = scope;
  if (first === undefined || scope.some(({ table }) => table !== first.table)) return undefined;
  return first.table;
}

function refused({ hint, tables }: Wish, { state }: PlanEnvironment): undefined {
  state.warnings.push(inapplicable(hint, tables));
  return undefined;
}

/** Both tables have the order of all pairs by themselves. */
function freeMerge(parts: JoinParts, env: PlanEnvironment): Plan | undefined {
  const { left, right, equal } = parts;
  const order = left.leaf?.keyOrder ?? [];
  const first = order.slice(0, equal.length);
  const sorted = first.flatMap((at) => equal.find((pair) => pair.left.column === at) ?? []);
  if (equal.length === 0 || sorted.length !== equal.length) return undefined;
  const leftPlan = inOrder(
    left,
    sorted.map((pair) => pair.left),
  );
  const rightPlan = inOrder(
    right,
    sorted.map((pair) => pair.right),
  );
  if (leftPlan === undefined || rightPlan === undefined) return undefined;
  return mergeJoin({ ...parts, equal: sorted }, leftPlan, rightPlan, env);
}

/** Whatever is not in order is sorted. */
function sortedMerge(parts: JoinParts, env: PlanEnvironment): Plan {
  const { left, right, equal } = parts;
  const side = (source: Source, which: 0 | 1): Plan => {
    const keys = equal.map((pair) => (which === 0 ? pair.left : pair.right));
    const resolver = new ScopeResolver(env, source.scope);
    const by = resolver.describe(equal.map(({ sides }) => sides[which]));
    return inOrder(source, keys) ?? new Sort(source.plan, keys.map(ascending), by);
  };
  return mergeJoin(parts, side(left, 0), side(right, 1), env);
}

function inOrder({ leaf }: Source, keys: readonly Compiled[]): Plan | undefined {
  const columns = keys.map(({ column }) => column);
  if (leaf === undefined || columns.includes(undefined)) return undefined;
  return leaf.ordered({ columns: columns as number[], descending: false });
}

/** A key of an ascending order. */
export function ascending(compiled: Compiled): SortKey {
  return { compiled, descending: false };
}

function mergeJoin(parts: JoinParts, left: Plan, right: Plan, env: PlanEnvironment): Plan {
  const { type, equal, other, estimate } = parts;
  const info = mergeTexts(parts, env);
  return new MergeJoin({ type, left, right, equal, other, info }).expecting(estimate);
}

function wishedLookUp(
  parts: JoinParts,
  tables: readonly string[],
  env: PlanEnvironment,
): Plan | undefined {
  const named = (source: Source): boolean => tables.includes(aliasOf(source) ?? '');
  const right =
    parts.type !== 'right' && named(parts.right) ? lookUp(parts, false, env) : undefined;
  if (right !== undefined) return right;
  return parts.type !== 'left' && named(parts.left) ? lookUp(parts, true, env) : undefined;
}

function cheapLookUp(parts: JoinParts, env: PlanEnvironment): Plan | undefined {
  const { type, left, right } = parts;
  const few = (outer: Source, inner: Source): boolean =>
    outer.plan.estimate * LOOKUP_ADVANTAGE < inner.plan.estimate;
  if (type !== 'right' && few(left, right)) return lookUp(parts, false, env);
  return type !== 'left' && few(right, left) ? lookUp(parts, true, env) : undefined;
}

/** The inner side's rows by the keys of the outer side's; undefined without an index for it. */
function lookUp(parts: JoinParts, innerLeft: boolean, env: PlanEnvironment): Plan | undefined {
  const { type, left, right, equal, other, estimate } = parts;
  const { leaf } = innerLeft ? left : right;
  const keys = equal.map((pair) => (innerLeft ? pair.left : pair.right).column);
  const side = sideText(parts, env);
  const decided = equal.map(({ sides }) => side(sides[innerLeft ? 1 : 0])).join(', ');
  const found = leaf?.lookedUp(keys, `range: decided by [${decided}]`);
  if (found === undefined) return undefined;
  const options = {
    ...{ type, equal, other, info: lookUpTexts(parts, innerLeft, env) },
    left: innerLeft ? found.plan : left.plan,
    right: innerLeft ? right.plan : found.plan,
  };
  return new IndexJoin({ ...options, innerLeft, ranges: found.ranges }).expecting(estimate);
}

/** `equal:[eq(test.a.x, test.b.y)], other cond:gt(…)`, as a hash join says it. */
export function conditionTexts(parts: JoinParts, env: PlanEnvironment): string {
  const side = sideText(parts, env);
  const pairs = parts.equal.map(({ sides: [a, b] }) => `eq(${side(a)}, ${side(b)})`).join(' ');
  return [...(pairs === '' ? [] : [`equal:[${pairs}]`]), ...otherText(parts, env)].join(', ');
}

function mergeTexts(parts: JoinParts, env: PlanEnvironment): string {
  const side = sideText(parts, env);
  const left = parts.equal.map(({ sides }) => side(sides[0])).join(', ');
  const right = parts.equal.map(({ sides }) => side(sides[1])).join(', ');
  return [`left key:${left}`, `right key:${right}`, ...otherText(parts, env)].join(', ');
}

function lookUpTexts(parts: JoinParts, innerLeft: boolean, env: PlanEnvironment): string {
  const side = sideText(parts, env);
  const [inner, outer] = innerLeft ? ([0, 1] as const) : ([1, 0] as const);
  const keys = (which: 0 | 1): string =>
    parts.equal.map(({ sides }) => side(sides[which])).join(', ');
  const pairs = parts.equal.map(({ sides }) => `eq(${side(sides[outer])}, ${side(sides[inner])})`);
  return [
    `outer key:${keys(outer)}`,
    `inner key:${keys(inner)}`,
    `equal cond:${pairs.join(', ')}`,
    ...otherText(parts, env),
  ].join(', ');
}

function sideText({ scope }: JoinParts, env: PlanEnvironment): (side: Expression) => string {
  const resolver = new ScopeResolver(env, scope);
  return (side) => env.texts?.expression(side, (each) => resolver.label(each)) ?? '';
}

function otherText({ rest, scope }: JoinParts, env: PlanEnvironment): string[] {
  if (rest.length === 0) return [];
  return [`other cond:${new ScopeResolver(env, scope).describe(rest)}`];
}
