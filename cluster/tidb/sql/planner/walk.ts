import type { AggregateCall, ColumnReference, Expression } from '../ast.ts';

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
    return each.kind !== 'aggregate';
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
