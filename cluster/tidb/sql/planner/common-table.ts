import type { CommonTableExpression, With } from '../ast.ts';
import { renamed } from './from.ts';
import { mentions, RecursiveTable } from './recursive-table.ts';
import type { CommonTable, PlanEnvironment } from './scope.ts';

/**
 * What a query behind WITH sees: each table is defined by those before it, one that is recursive by
 * itself as well. Throws what is wrong with a recursive one once it is mentioned.
 */
export function withCommonTables(clause: With | undefined, env: PlanEnvironment): PlanEnvironment {
  if (clause === undefined) return env;
  const tables = new Map(env.tables);
  for (const definition of clause.tables) {
    const inSight = { ...env, tables: new Map(tables), outer: undefined };
    const recursive = clause.recursive && mentions(definition.query, definition.name) > 0;
    const table = recursive
      ? new RecursiveTable(definition, inSight)
      : new InlinedTable(definition, inSight);
    tables.set(definition.name.toLowerCase(), table);
  }
  return { ...env, tables };
}

/** A common table expression that is planned wherever it is mentioned. */
class InlinedTable implements CommonTable {
  private readonly definition: CommonTableExpression;
  private readonly env: PlanEnvironment;

  constructor(definition: CommonTableExpression, env: PlanEnvironment) {
    this.definition = definition;
    this.env = env;
  }

  reference(): ReturnType<CommonTable['reference']> {
    const { query, columns } = this.definition;
    return renamed(this.env.planQuery(query, this.env), columns);
  }
}
