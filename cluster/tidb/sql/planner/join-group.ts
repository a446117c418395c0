import { SqlError } from '../../../errors.ts';
import type { Expression } from '../ast.ts';
import { equalPairs, joined, joinRows } from './join-plan.ts';
import type { PlanEnvironment, Scope } from './scope.ts';
import { cumulativeRows, onlyUses, qualified, type Source } from './source.ts';

/**
 * Tables joined by inner joins, and what must hold between them: the order in which they are joined
 * is the planner's choice. Scope and wildcard are those of the order as written.
 */
export class JoinGroup {
  readonly members: readonly Source[];
  readonly scope: Scope;
  /** Spelled out. */
  private readonly conditions: readonly Expression[];

  constructor(members: readonly Source[], conditions: readonly Expression[]) {
    this.members = members;
    this.conditions = conditions;
    this.scope = members.flatMap(({ scope }) => scope);
  }

  /** The group with another member or group, and conditions between them. Throws 1066. */
  with(right: JoinGroup, conditions: readonly Expression[]): JoinGroup {
    checkAliases(this.scope, right.scope);
    const scope = [...this.scope, ...right.scope];
    const spelled = conditions.map((condition) => qualified(condition, scope));
    return new JoinGroup(
      [...this.members, ...right.members],
      [...this.conditions, ...right.conditions, ...spelled],
    );
  }

  /** Joins everything. */
  source(env: PlanEnvironment): Source {
    const [only] = this.members;
    if (only !== undefined && this.members.length === 1) return only;
    const pending = new Set(this.conditions);
    const order = env.hints.keepsOrder
      ? inWrittenOrder(this.members, pending, env)
      : greedily(this.members, pending, env);
    return { ...order, wildcard: this.wildcardIn(order.scope) };
  }

  private wildcardIn(scope: Scope): number[] {
    return this.members.flatMap((member) =>
      member.wildcard.map((at) => scope.indexOf(member.scope[at] as Scope[number])),
    );
  }
}

/** Two tables of one name cannot be told apart. Throws 1066. */
export function checkAliases(left: Scope, right: Scope): void {
  const names = new Set(left.map(({ database, table }) => `${database}.${table}`));
  for (const { database, table } of right) {
    if (names.has(`${database}.${table}`)) {
      throw new SqlError(1066, `Not unique table/alias: '${table}'`);
    }
  }
}

function inWrittenOrder(
  [first, ...rest]: readonly Source[],
  pending: Set<Expression>,
  env: PlanEnvironment,
): Source {
  return rest.reduce((left, right) => join(left, right, pending, env), first as Source);
}

/**
 * The cheapest member first, then whichever makes the cheapest join with what is joined so far, as
 * long as a condition connects them; what is left over is paired off. Source: TiDB
 * `planner/core/rule_join_reorder_greedy.go`.
 */
function greedily(
  members: readonly Source[],
  pending: Set<Expression>,
  env: PlanEnvironment,
): Source {
  const left = [...members].sort((a, b) => cumulativeRows(a.plan) - cumulativeRows(b.plan));
  const parts: Source[] = [];
  for (let first = left.shift(); first !== undefined; first = left.shift()) {
    let tree = first;
    for (;;) {
      const next = cheapest(tree, left, pending, env);
      if (next === undefined) break;
      left.splice(left.indexOf(next), 1);
      tree = join(tree, next, pending, env);
    }
    parts.push(tree);
  }
  return paired(parts, pending, env);
}

function cheapest(
  tree: Source,
  candidates: readonly Source[],
  pending: ReadonlySet<Expression>,
  env: PlanEnvironment,
): Source | undefined {
  let best: Source | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const pairs = equalPairs([...pending], tree, candidate, env);
    if (pairs.length === 0) continue;
    const rows = joinRows('inner', tree, candidate, pairs);
    const cost = rows + cumulativeRows(tree.plan) + cumulativeRows(candidate.plan);
    if (cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
}

function paired(parts: readonly Source[], pending: Set<Expression>, env: PlanEnvironment): Source {
  const [only, ...more] = parts as [Source, ...Source[]];
  if (more.length === 0) return only;
  const next: Source[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const left = parts[at] as Source;
    const right = parts[at + 1];
    next.push(right === undefined ? left : join(left, right, pending, env));
  }
  return paired(next, pending, env);
}

/** Joins two parts on all conditions that speak of nothing else. */
function join(left: Source, right: Source, pending: Set<Expression>, env: PlanEnvironment): Source {
  const scope = [...left.scope, ...right.scope];
  const own = [...pending].filter((condition) => onlyUses(condition, scope));
  for (const condition of own) pending.delete(condition);
  return joined({ type: 'inner', left, right, conditions: own, pairs: [] }, env);
}
