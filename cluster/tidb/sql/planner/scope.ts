import { SqlError } from '../../../errors.ts';
import type { Compiled, SessionView } from '../../executor/context.ts';
import type { Resolver } from '../../executor/expression.ts';
import { columnAt } from '../../executor/expression-constant.ts';
import type { Plan } from '../../executor/plan.ts';
import type { ColumnReference, Expression, Query } from '../ast.ts';
import type { SchemaStore } from '../catalog.ts';
import type { SqlType } from '../catalog-type.ts';

/** A column that names can lead to; its place is its index in the scope. */
export interface ScopeColumn {
  readonly database: string;
  /** Table or alias, lower case. */
  readonly table: string;
  readonly name: string;
  readonly type: SqlType;
  /** Not part of `*`. */
  readonly hidden: boolean;
}

/** The columns an operator gives, as names see them. */
export type Scope = readonly ScopeColumn[];

/** A planned query: its rows and what its columns are called. */
export interface PlannedQuery {
  readonly plan: Plan;
  readonly names: readonly string[];
}

/** What planning one statement needs and leaves behind. */
export interface PlanEnvironment {
  readonly schema: SchemaStore;
  readonly database: string;
  readonly session: SessionView;
  readonly paramTypes: readonly SqlType[];
  /** Subqueries to be run first, in this order. */
  readonly subqueries: Plan[];
  /** Common table expressions in sight. */
  readonly tables: ReadonlyMap<string, Query>;
  /** The plan depends on the session's state of the moment. */
  volatile: boolean;
  planQuery(query: Query, env: PlanEnvironment): PlannedQuery;
}

/** Position of the column a reference leads to; undefined if there is none. Throws 1052. */
export function findColumn(scope: Scope, reference: ColumnReference): number | undefined {
  const name = reference.name.toLowerCase();
  const table = reference.table?.toLowerCase();
  const database = reference.schema?.toLowerCase();
  let found: number | undefined;
  for (const [at, column] of scope.entries()) {
    if (column.name !== name || (table !== undefined && column.table !== table)) continue;
    if (database !== undefined && column.database !== database) continue;
    if (found !== undefined) {
      throw new SqlError(1052, `Column '${reference.name}' in field list is ambiguous`);
    }
    found = at;
  }
  return found;
}

/** Resolves names in a scope. Throws 1054. */
export class ScopeResolver implements Resolver {
  readonly session: SessionView;
  readonly paramTypes: readonly SqlType[];
  protected readonly env: PlanEnvironment;
  private readonly scope: Scope;

  constructor(env: PlanEnvironment, scope: Scope) {
    this.env = env;
    this.scope = scope;
    this.session = env.session;
    this.paramTypes = env.paramTypes;
  }

  column(reference: ColumnReference): Compiled {
    const at = findColumn(this.scope, reference);
    if (at === undefined) throw unknownColumn(reference);
    return columnAt(at, (this.scope[at] as ScopeColumn).type);
  }

  replaced(_expression: Expression): Compiled | undefined {
    return undefined;
  }

  subquery(query: Query): { readonly index: number; readonly types: readonly SqlType[] } {
    const { plan } = this.env.planQuery(query, this.env);
    this.env.subqueries.push(plan);
    return { index: this.env.subqueries.length - 1, types: plan.types };
  }

  insertedValue(reference: ColumnReference): Compiled {
    throw unknownColumn(reference);
  }

  volatile(): void {
    this.env.volatile = true;
  }
}

/** Error 1054. */
export function unknownColumn(reference: ColumnReference): SqlError {
  const { schema, table, name } = reference;
  const spelled = [schema, table, name].filter((part) => part !== undefined).join('.');
  return new SqlError(1054, `Unknown column '${spelled}' in 'field list'`);
}
