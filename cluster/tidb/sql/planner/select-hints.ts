import type { Select, TableReference } from '../ast.ts';
import { parseHints, unmatched } from './hints.ts';
import type { PlanEnvironment } from './scope.ts';

/** The environment of one SELECT: its hints are its own. */
export function selectEnvironment(select: Select, env: PlanEnvironment): PlanEnvironment {
  const { hints, demands, warnings } = parseHints(select.hints);
  const { state } = env;
  state.warnings.push(...warnings);
  state.demands = {
    memoryQuota: demands.memoryQuota ?? state.demands.memoryQuota,
    maxExecutionMs: demands.maxExecutionMs ?? state.demands.maxExecutionMs,
  };
  if (hints.joins.length > 0) {
    const known = aliasesIn(select.from);
    for (const { hint, tables } of hints.joins) {
      const missing = tables.filter((table) => !known.includes(table));
      if (missing.length > 0) state.warnings.push(unmatched(hint, tables, missing));
    }
  }
  return { ...env, hints };
}

function aliasesIn(from: TableReference | undefined): string[] {
  switch (from?.kind) {
    case 'table':
      return [(from.alias ?? from.table.name).toLowerCase()];
    case 'derived':
      return [from.alias.toLowerCase()];
    case 'join':
      return [...aliasesIn(from.left), ...aliasesIn(from.right)];
    default:
      return [];
  }
}
