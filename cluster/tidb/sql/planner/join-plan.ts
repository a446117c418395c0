import { comparisonType } from '../../executor/coerce.ts';
import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { HashJoin } from '../../executor/hash-join.ts';
import type { Plan } from '../../executor/plan.ts';
import type { Expression } from '../ast.ts';
import { isWrapped } from '../catalog-type.ts';
import { joinEstimate } from './estimate.ts';
import { conditionTexts, type JoinParts, otherJoin } from './join-algorithm.ts';
import { type PlanEnvironment, type Scope, type ScopeColumn, ScopeResolver } from './scope.ts';
import { type EqualPair, onlyUses, type Source } from './source.ts';
import { columnsIn } from './walk.ts';

/** Two sources to be joined. */
export interface JoinRequest {
  readonly type: 'inner' | 'left' | 'right';
  readonly left: Source;
  readonly right: Source;
  /** All that must hold, but for what `pairs` say. */
  readonly conditions: readonly Expression[];
  /** Those of USING and NATURAL. */
  readonly pairs: readonly EqualPair[];
}

/** Joins two sources, columns of the left before those of the right. */
export function joined(request: JoinRequest, env: PlanEnvironment): Source {
  const { type, left, right } = request;
  const scope = [...left.scope, ...right.scope];
  const equal: EqualPair[] = [...request.pairs];
  const rest: Expression[] = [];
  for (const condition of request.conditions) {
    const pair = equalPair(condition, left.scope, right.scope, env);
    if (pair === undefined) rest.push(condition);
    else equal.push(pair);
  }
  const resolver = new ScopeResolver(env, scope);
  const other: Compiled[] = rest.map((condition) => compile(condition, resolver));
  const estimate = joinRows(type, left, right, equal);
  const parts: JoinParts = { type, left, right, equal, other, rest, scope, estimate };
  const plan = otherJoin(parts, env) ?? hashJoin(parts, env);
  const shift = left.scope.length;
  const shifted = right.locks.map(({ table, alias, handle }) => ({
    table,
    alias,
    handle: handle.map((at) => at + shift),
  }));
  const wildcard = [...left.wildcard, ...right.wildcard.map((at) => at + shift)];
  return { plan, scope, wildcard, locks: [...left.locks, ...shifted] };
}

function hashJoin(parts: JoinParts, env: PlanEnvironment): Plan {
  const { type, left, right, equal, other, estimate } = parts;
  const info = conditionTexts(parts, env);
  const options = { type, left: left.plan, right: right.plan, equal, other, info };
  return new HashJoin(options).expecting(estimate);
}

/** Rows expected of a join on equal pairs. */
export function joinRows(
  type: JoinRequest['type'],
  left: Source,
  right: Source,
  equal: readonly EqualPair[],
): number {
  const distinct = equal.map(
    (pair) => [distinctIn(left, pair.left), distinctIn(right, pair.right)] as const,
  );
  const rows = joinEstimate([left.plan.estimate, right.plan.estimate], distinct);
  if (type === 'inner') return rows;
  return Math.max(rows, type === 'left' ? left.plan.estimate : right.plan.estimate);
}

function distinctIn({ scope, plan }: Source, { column }: Compiled): number {
  const known = column === undefined ? undefined : (scope[column] as ScopeColumn).distinct;
  return Math.min(known ?? plan.estimate, Math.max(1, plan.estimate));
}

/** The conditions that are `a = b` with one side on each input. */
export function equalPairs(
  conditions: readonly Expression[],
  left: Source,
  right: Source,
  env: PlanEnvironment,
): EqualPair[] {
  return conditions.flatMap(
    (condition) => equalPair(condition, left.scope, right.scope, env) ?? [],
  );
}

/** `a = b` with one side on each input, of types that words can compare. */
function equalPair(
  condition: Expression,
  left: Scope,
  right: Scope,
  env: PlanEnvironment,
): EqualPair | undefined {
  if (condition.kind !== 'binary' || condition.operator !== '=') return undefined;
  const straight = onlyUses(condition.left, left) && onlyUses(condition.right, right);
  const crossed = onlyUses(condition.left, right) && onlyUses(condition.right, left);
  const constant =
    columnsIn(condition.left).length === 0 || columnsIn(condition.right).length === 0;
  if ((!straight && !crossed) || constant) return undefined;
  const [a, b] = straight ? [condition.left, condition.right] : [condition.right, condition.left];
  const pair = {
    left: compile(a, new ScopeResolver(env, left)),
    right: compile(b, new ScopeResolver(env, right)),
    sides: [a, b] as const,
  };
  return comparableByWords(pair) ? pair : undefined;
}

function comparableByWords({ left, right }: Pick<EqualPair, 'left' | 'right'>): boolean {
  const same = comparisonType(left.type, right.type).kind;
  const words = same === 'int' || same === 'string' || same === 'real' || same === 'datetime';
  return (
    words &&
    left.type.kind === right.type.kind &&
    (left.type.scale === right.type.scale || same === 'string') &&
    isWrapped(left.type) === isWrapped(right.type)
  );
}
