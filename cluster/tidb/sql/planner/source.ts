import type { Compiled } from '../../executor/context.ts';
import type { Plan } from '../../executor/plan.ts';
import type { LockedTable } from '../../executor/select-lock.ts';
import type { ColumnReference, Expression } from '../ast.ts';
import { findColumn, type Scope, type ScopeColumn } from './scope.ts';
import type { TableLeaf } from './table-leaf.ts';
import { columnsIn, hasSubquery } from './walk.ts';

/** A planned FROM clause, or a part of one. */
export interface Source {
  readonly plan: Plan;
  readonly scope: Scope;
  /** Positions in the scope of what `*` stands for, in that order. */
  readonly wildcard: readonly number[];
  /** Tables whose rows FOR UPDATE would lock. */
  readonly locks: readonly LockedTable[];
  /** Set where this is one table and `plan` nothing but its reader. */
  readonly leaf?: TableLeaf | undefined;
}

/** What the query wants of its tables. */
export interface Usage {
  /** Lower-case names of the columns it mentions; undefined: all. */
  readonly names: ReadonlySet<string> | undefined;
  /** Handles are needed, to lock by or to write to. */
  readonly handles: boolean;
}

/** Conditions of WHERE; those that a source has taken over are removed. */
export type Pool = Set<Expression>;

/** `a = b` with one side on each input of a join. */
export interface EqualPair {
  readonly left: Compiled;
  readonly right: Compiled;
  /** As it was written, for EXPLAIN; the left side first. */
  readonly sides: readonly [Expression, Expression];
}

/** Whether all names of an expression lead into a scope, and it holds no subquery. */
export function onlyUses(expression: Expression, scope: Scope): boolean {
  if (hasSubquery(expression)) return false;
  return columnsIn(expression).every((reference) => findColumn(scope, reference) !== undefined);
}

/** A reference that leads to this column of a scope, whatever else stands beside it. */
export function referenceTo({ database, table, name }: ScopeColumn): ColumnReference {
  return { kind: 'column', schema: database, table, name };
}

/** The expression with the names that lead into a scope spelled out: they lead there anywhere. */
export function qualified(expression: Expression, scope: Scope): Expression {
  const replace = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(replace);
    if (typeof node !== 'object' || node === null) return node;
    if ('kind' in node && node.kind === 'column') {
      const at = findColumn(scope, node as ColumnReference);
      return at === undefined ? node : referenceTo(scope[at] as ScopeColumn);
    }
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, replace(value)]));
  };
  return replace(expression) as Expression;
}

/** The sum of the rows of a plan and all below it: what a join order is weighed by. */
export function cumulativeRows(plan: Plan): number {
  return plan.inputs.reduce((sum, input) => sum + cumulativeRows(input), plan.estimate);
}
