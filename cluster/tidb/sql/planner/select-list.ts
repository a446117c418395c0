import { SqlError } from '../../../errors.ts';
import type {
  ColumnReference,
  Expression,
  Literal,
  SelectExpression,
  SelectItem,
  Wildcard,
} from '../ast.ts';
import { restoreExpression } from '../restore.ts';
import { findColumn, type Scope, type ScopeColumn } from './scope.ts';
import type { Source } from './source.ts';

/** Replaces wildcards by the columns they stand for. Throws 1051. */
export function expandItems(items: readonly SelectItem[], source: Source): SelectExpression[] {
  return items.flatMap((item) => (item.kind === 'wildcard' ? expand(item, source) : [item]));
}

function expand(wildcard: Wildcard, { scope, wildcard: all }: Source): SelectExpression[] {
  const table = wildcard.table?.toLowerCase();
  const columns =
    table === undefined
      ? all.map((at) => scope[at] as ScopeColumn)
      : scope.filter((column) => !column.hidden && column.table === table);
  if (columns.length === 0) {
    throw wildcard.table === undefined
      ? new SqlError(1096, 'No tables used')
      : new SqlError(1051, `Unknown table '${wildcard.table}'`);
  }
  return columns.map(({ table: from, name, shown = name }) => ({
    kind: 'expression',
    expression: { kind: 'column', schema: undefined, table: from, name: shown },
    alias: undefined,
    text: shown,
  }));
}

/** What a column of the answer is called. */
export function nameOf({ alias, expression, text }: SelectExpression): string {
  return alias ?? (expression.kind === 'column' ? expression.name : text);
}

/** The item a bare integer stands for in GROUP BY and ORDER BY. Throws 1054. */
export function itemAt(
  position: Literal['value'],
  items: readonly SelectExpression[],
  clause: 'group' | 'order',
): SelectExpression {
  const item = items[Number(position) - 1];
  if (item !== undefined) return item;
  throw new SqlError(1054, `Unknown column '${position}' in '${clause} statement'`);
}

/** The item an alias stands for. */
export function aliased(
  reference: ColumnReference,
  items: readonly SelectExpression[],
): Expression | undefined {
  if (reference.table !== undefined) return undefined;
  const name = reference.name.toLowerCase();
  return items.find(({ alias }) => alias?.toLowerCase() === name)?.expression;
}

/** HAVING may speak of aliases. */
export function withAliases(
  expression: Expression,
  items: readonly SelectExpression[],
  scope: Scope,
): Expression {
  const replace = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(replace);
    if (typeof node !== 'object' || node === null) return node;
    if ('kind' in node && node.kind === 'column') {
      const reference = node as ColumnReference;
      if (findColumn(scope, reference) !== undefined) return node;
      return aliased(reference, items) ?? node;
    }
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, replace(value)]));
  };
  return replace(expression) as Expression;
}

/** ORDER BY 1, an alias before a column, or any expression. */
export function orderExpression(
  expression: Expression,
  items: readonly SelectExpression[],
  scope: Scope,
): Expression {
  if (expression.kind === 'literal' && expression.type === 'int') {
    return itemAt(expression.value, items, 'order').expression;
  }
  if (expression.kind === 'column') return aliased(expression, items) ?? expression;
  return withAliases(expression, items, scope);
}

/** Position of the select list's item that a key of ORDER BY means. Throws 3065. */
export function outputOf(expression: Expression, items: readonly SelectExpression[]): number {
  if (expression.kind === 'literal' && expression.type === 'int') {
    return items.indexOf(itemAt(expression.value, items, 'order'));
  }
  const text = restoreExpression(expression);
  const at = items.findIndex(
    (item) =>
      restoreExpression(item.expression) === text ||
      (expression.kind === 'column' &&
        expression.table === undefined &&
        nameOf(item).toLowerCase() === expression.name.toLowerCase()),
  );
  if (at >= 0) return at;
  throw new SqlError(
    3065,
    `Expression #1 of ORDER BY clause is not in SELECT list, references column '${text}' which is not in SELECT list; this is incompatible with DISTINCT`,
  );
}
