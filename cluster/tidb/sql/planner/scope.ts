import { SqlError } from '../../../errors.ts';
import { type AppliedSubquery, Apply, type CorrelatedColumn } from '../../executor/apply.ts';
import type { Compiled, SessionView, Warning } from '../../executor/context.ts';
import type { RecursiveCte } from '../../executor/cte.ts';
import type { Resolver } from '../../executor/expression.ts';
import { columnAt, constant } from '../../executor/expression-constant.ts';
import type { Subquery } from '../../executor/expression-subquery.ts';
import type { Plan } from '../../executor/plan.ts';
import type { ColumnReference, Expression, Query, WindowCall } from '../ast.ts';
import type { SchemaStore } from '../catalog.ts';
import type { SqlType } from '../catalog-type.ts';
import { restoreExpression } from '../restore.ts';
import type { Hints, StatementDemands } from './hints.ts';
import type { SystemTable } from './system-table.ts';
import type { ExplainTexts } from './texts.ts';

/** A column that names can lead to; its place is its index in the scope. */
export interface ScopeColumn {
  readonly database: string;
  /** Table or alias, lower case. */
  readonly table: string;
  readonly name: string;
  /** As it was spelled, where that is not in lower case. */
  readonly shown?: string;
  readonly type: SqlType;
  /** Not part of `*`. */
  readonly hidden: boolean;
  /** Found only with its table's name: the other side of a USING has taken the bare one. */
  readonly shadowed: boolean;
  /** What EXPLAIN calls it: `test.t.a`, `Column#7`. */
  readonly label: string;
  /** How many different values it is expected to have. */
  readonly distinct: number;
}

/** The columns an operator gives, as names see them. */
export type Scope = readonly ScopeColumn[];

/** A planned query: its rows and what its columns are called. */
export interface PlannedQuery {
  readonly plan: Plan;
  readonly names: readonly string[];
  /** What EXPLAIN calls its columns, and how many different values each may have. */
  readonly columns: readonly Pick<ScopeColumn, 'label' | 'distinct'>[];
}

/** A subquery that depends on no row: it is run once, before the statement's body. */
export interface EagerSubquery {
  /** Number of its result in `ctx.subqueries`. */
  readonly index: number;
  readonly plan: Plan;
}

/** What planning one statement leaves behind. */
export interface PlanState {
  /** Subqueries to be run first, in this order. */
  readonly subqueries: EagerSubquery[];
  /** Recursive common table expressions, in order of their numbers. */
  readonly commonTables: RecursiveCte[];
  /** Results of subqueries numbered so far. */
  results: number;
  /** Slots of correlated columns given out so far. */
  slots: number;
  /** The plan depends on the session's state of the moment. */
  volatile: boolean;
  /** What the statement's hints demand beyond its plan. */
  demands: StatementDemands;
  /** What every run of the plan warns of. */
  readonly warnings: Warning[];
}

/** What is known of tables. */
export interface TableFacts {
  /** Rows, if known. */
  rows(tableId: number): number | undefined;
  /** Different values of a column, if known. */
  distinct(tableId: number, offset: number): number | undefined;
  /** Since when rows and values are known well; undefined: never analyzed. */
  analyzedAt(tableId: number): number | undefined;
}

/** A common table expression. */
export interface CommonTable {
  /** Plans a reference to it, which EXPLAIN calls `object`. */
  reference(object: string): PlannedQuery;
}

/** What planning one query of a statement needs. */
export interface PlanEnvironment {
  readonly schema: SchemaStore;
  readonly statistics: TableFacts;
  /** The table of INFORMATION_SCHEMA that has this name. */
  systemTableOf(database: string, name: string): SystemTable | undefined;
  readonly database: string;
  readonly session: SessionView;
  readonly paramTypes: readonly SqlType[];
  readonly state: PlanState;
  /** Set for EXPLAIN alone. */
  readonly texts: ExplainTexts | undefined;
  /** Hints of the query being planned. */
  readonly hints: Hints;
  /** Common table expressions in sight. */
  readonly tables: ReadonlyMap<string, CommonTable>;
  /** The query around this one, if this is a subquery of an expression. */
  readonly outer: SurroundingQuery | undefined;
  planQuery(query: Query, env: PlanEnvironment, wanted?: WantedColumns): PlannedQuery;
}

/** Whether anybody reads a column of a query, by its name and position. */
export type WantedColumns = (name: string, position: number) => boolean;

/** Position of the column a reference leads to; undefined if there is none. Throws 1052. */
export function findColumn(scope: Scope, reference: ColumnReference): number | undefined {
  const name = reference.name.toLowerCase();
  const table = reference.table?.toLowerCase();
  const database = reference.schema?.toLowerCase();
  let found: number | undefined;
  for (let at = 0; at < scope.length; at++) {
    const column = scope[at] as ScopeColumn;
    if (column.name !== name) continue;
    if (table === undefined ? column.shadowed : column.table !== table) continue;
    if (database !== undefined && column.database !== database) continue;
    if (found !== undefined) {
      throw new SqlError(1052, `Column '${reference.name}' in field list is ambiguous`);
    }
    found = at;
  }
  return found;
}

/** What a subquery sees of the query it stands in, and of those around that one. */
export class SurroundingQuery {
  /** Columns of the query itself that the subquery mentions. */
  readonly columns: CorrelatedColumn[] = [];
  /** The subquery depends on a row of a surrounding query. */
  correlated = false;
  private readonly resolver: ScopeResolver;

  constructor(resolver: ScopeResolver) {
    this.resolver = resolver;
  }

  /** The column as the subquery reads it; undefined if no surrounding query has it. */
  find(reference: ColumnReference): Compiled | undefined {
    const source = this.resolver.ownColumn(reference);
    const found =
      source === undefined ? this.resolver.env.outer?.find(reference) : this.slotFor(source);
    this.correlated ||= found !== undefined;
    return found;
  }

  /** What EXPLAIN calls a column of it. */
  label(reference: ColumnReference): string | undefined {
    return this.resolver.label(reference) ?? this.resolver.env.outer?.label(reference);
  }

  private slotFor(source: Compiled): Compiled {
    const known = this.columns.find((column) => column.source.column === source.column);
    const slot = known?.slot ?? this.resolver.env.state.slots++;
    if (known === undefined) this.columns.push({ slot, source });
    return constant(source.type, (ctx) => ctx.correlated[slot] ?? null);
  }
}

/** A column that stands for a window function. */
interface WindowResult {
  readonly compiled: Compiled;
  readonly label: string;
}

/** Resolves names in a scope. Throws 1054. */
export class ScopeResolver implements Resolver {
  readonly session: SessionView;
  readonly paramTypes: readonly SqlType[];
  readonly env: PlanEnvironment;
  protected readonly scope: Scope;

  constructor(env: PlanEnvironment, scope: Scope) {
    this.env = env;
    this.scope = scope;
    this.session = env.session;
    this.paramTypes = env.paramTypes;
  }

  column(reference: ColumnReference): Compiled {
    const found = this.ownColumn(reference) ?? this.env.outer?.find(reference);
    if (found === undefined) throw unknownColumn(reference);
    return found;
  }

  /** The column if this query has it. */
  ownColumn(reference: ColumnReference): Compiled | undefined {
    const at = findColumn(this.scope, reference);
    return at === undefined ? undefined : columnAt(at, (this.scope[at] as ScopeColumn).type);
  }

  replaced(_expression: Expression): Compiled | undefined {
    return undefined;
  }

  /** What EXPLAIN calls an expression that is a column here. */
  label(expression: Expression): string | undefined {
    if (expression.kind !== 'column') return undefined;
    const at = findColumn(this.scope, expression);
    return at === undefined ? this.env.outer?.label(expression) : this.scope[at]?.label;
  }

  /** Expressions as EXPLAIN spells them; nothing unless it asks. */
  describe(expressions: readonly Expression[]): string {
    return this.env.texts?.list(expressions, (each) => this.label(each)) ?? '';
  }

  subquery(query: Query, make: (subquery: Subquery) => Compiled): Compiled {
    const outer = new SurroundingQuery(this);
    const { plan } = this.env.planQuery(query, { ...this.env, outer });
    const { state } = this.env;
    const index = state.results++;
    const value = make({ index, types: plan.types });
    if (outer.correlated) return this.applied({ index, plan, columns: outer.columns, value });
    state.subqueries.push({ index, plan });
    return value;
  }

  insertedValue(reference: ColumnReference): Compiled {
    throw unknownColumn(reference);
  }

  volatile(): void {
    this.env.state.volatile = true;
  }

  /** What stands for a correlated subquery's value; here is no plan that could run it. */
  protected applied(_subquery: AppliedSubquery): Compiled {
    throw new SqlError(1105, "ON condition doesn't support subqueries yet");
  }
}

/**
 * Resolves names over the rows of a plan that can be given more columns: correlated subqueries of
 * the expressions compiled are run by an `Apply` on top of it.
 */
export class PlanResolver extends ScopeResolver {
  /** The plan whose rows the expressions are computed on. */
  plan: Plan;
  /** Window functions that are computed, by their text. */
  private readonly windows = new Map<string, WindowResult>();

  constructor(env: PlanEnvironment, scope: Scope, plan: Plan) {
    super(env, scope);
    this.plan = plan;
  }

  /** From now on a column of the plan stands for a window function's calls that read alike. */
  stand(call: WindowCall, compiled: Compiled, label: string): void {
    this.windows.set(restoreExpression(call), { compiled, label });
  }

  override replaced(expression: Expression): Compiled | undefined {
    return this.windowResult(expression)?.compiled;
  }

  override label(expression: Expression): string | undefined {
    return this.windowResult(expression)?.label ?? super.label(expression);
  }

  /** What EXPLAIN calls the plan's columns. */
  columnLabels(): string[] {
    const labels = [...this.firstLabels()];
    while (labels.length < this.plan.types.length) labels.push('');
    for (const { compiled, label } of this.windows.values()) {
      labels[compiled.column as number] = label;
    }
    return labels;
  }

  /** Different values of a column of the plan, if known. */
  distinctAt(column: number): number | undefined {
    return this.scope[column]?.distinct;
  }

  /** Labels of the columns that were there before any was added. */
  protected firstLabels(): readonly string[] {
    return this.scope.map(({ label }) => label);
  }

  private windowResult(expression: Expression): WindowResult | undefined {
    if (expression.kind !== 'window') return undefined;
    return this.windows.get(restoreExpression(expression));
  }

  protected override applied(subquery: AppliedSubquery): Compiled {
    this.plan = new Apply(this.plan, subquery);
    return columnAt(this.plan.types.length - 1, subquery.value.type);
  }
}

/** Error 1054. */
export function unknownColumn(reference: ColumnReference): SqlError {
  const { schema, table, name } = reference;
  const spelled = [schema, table, name].filter((part) => part !== undefined).join('.');
  return new SqlError(1054, `Unknown column '${spelled}' in 'field list'`);
}
