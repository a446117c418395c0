import type { Expression } from '../ast.ts';
import { walk } from './walk.ts';

/** Functions that must run in TiDB: they ask the session, or answer differently every time. */
const SESSION_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['RAND', 'UUID', 'SLEEP', 'BENCHMARK', 'CONNECTION_ID', 'LAST_INSERT_ID', 'ROW_COUNT'],
  ...['FOUND_ROWS', 'USER', 'CURRENT_USER', 'DATABASE', 'VERSION', 'GET_LOCK', 'RELEASE_LOCK'],
]);

const IMPURE: ReadonlySet<string> = new Set([
  ...['user-variable', 'variable-assignment', 'system-variable', 'subquery', 'exists'],
  ...['in-subquery', 'quantified', 'inserted-value', 'window', 'aggregate', 'default'],
]);

/** Whether a store can compute an expression: it depends on nothing but the row and constants. */
export function isPure(expression: Expression): boolean {
  let pure = true;
  walk(expression, (node) => {
    const asks =
      node.kind === 'function' && SESSION_FUNCTIONS.has((node as { name?: string }).name ?? '');
    pure &&= !asks && !IMPURE.has(node.kind);
    return pure;
  });
  return pure;
}
