import type { AggregateCall, ColumnReference, Expression, WindowCall } from '../ast.ts';

/** Splits a condition at its ANDs. */
export function conjuncts(condition: Expression | undefined): Expression[] {
  if (condition === undefined) return [];
  if (condition.kind === 'binary' && condition.operator === 'AND') {
    return [...conjuncts(condition.left), ...conjuncts(condition.right)];
  }
  return [condition];
}

/** Calls `visit` with every node of a tree; `visit` answers whether to go below it. */
export function walk(node: unknown, visit: (node: { kind: string }) => boolean): void {
  if (Array.isArray(node)) {
    for (const member of node) walk(member, visit);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if ('kind' in node && typeof node.kind === 'string') {
    if (!visit(node as { kind: string })) return;
  }
  for (const member of Object.values(node)) walk(member, visit);
}

/** Every reference to a column, those in subqueries included. */
export function columnsIn(node: unknown): ColumnReference[] {
  const found: ColumnReference[] = [];
  walk(node, (each) => {
    if (each.kind === 'column') found.push(each as ColumnReference);
    return true;
  });
  return found;
}

/** Aggregates of this query, not of its subqueries. */
export function aggregatesIn(node: unknown): AggregateCall[] {
  const found: AggregateCall[] = [];
  walk(node, (each) => {
    if (each.kind === 'select' || each.kind === 'set-operation') return false;
    if (each.kind === 'aggregate') found.push(each as AggregateCall);
    // SUM(x) OVER () is none, while x may hold one.
    if (each.kind === 'window') found.push(...aggregatesIn(windowParts(each as WindowCall)));
    return each.kind !== 'aggregate' && each.kind !== 'window';
  });
  return found;
}

/** What a window function computes with: its arguments and its window. */
export function windowParts({ call, over }: WindowCall): readonly unknown[] {
  return [call.args, over];
}

/** Window functions of this query, not of its subqueries. */
export function windowsIn(node: unknown): WindowCall[] {
  const found: WindowCall[] = [];
  walk(node, (each) => {
    if (each.kind === 'select' || each.kind === 'set-operation') return false;
    if (each.kind === 'window') found.push(each as WindowCall);
    return each.kind !== 'window';
  });
  return found;
}

/** Whether an expression holds a query. */
export function hasSubquery(node: unknown): boolean {
  let found = false;
  walk(node, (each) => {
    found ||= each.kind === 'select' || each.kind === 'set-operation';
    return !found;
  });
  return found;
}

/** Whether a tree holds a `*` of a select list. */
export function hasWildcard(node: unknown): boolean {
  let found = false;
  walk(node, (each) => {
    found ||= each.kind === 'wildcard';
    return true;
  });
  return found;
}
