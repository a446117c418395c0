import { walk } from '../sql/planner/walk.ts';

const EXEMPT_KINDS: ReadonlySet<string> = new Set(['insert', 'update', 'delete']);
const READS: ReadonlySet<string> = new Set(['select', 'set-operation', 'explain', 'execute']);

/**
 * Whether the server's limit spares a statement: DDL, changes of rows, window functions and common
 * table expressions. TiDB's documents list them; its code has no such list, there it follows from
 * memory that is not tracked.
 */
export function isExempt(tree: unknown): boolean {
  if (typeof tree !== 'object' || tree === null || !('kind' in tree)) return false;
  if (EXEMPT_KINDS.has(tree.kind as string)) return true;
  if (!READS.has(tree.kind as string)) return true;
  let found = false;
  walk(tree, (node) => {
    found ||= node.kind === 'window' || ('with' in node && node.with !== undefined);
    return !found;
  });
  return found;
}
