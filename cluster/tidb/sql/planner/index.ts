/**
 * # The planner
 *
 * Makes a tree of operators out of a statement's syntax tree. It is rule-based: there are no
 * statistics, so every table has TiDB's pseudo 10,000 rows and a condition on a key leaves 10.
 *
 * - `scope.ts`: which names lead to which columns.
 * - `from.ts`: tables, derived tables, joins; conditions move down to where they can be checked
 *   first.
 * - `access-path.ts`: records by a range of the key, an index, or everything.
 * - `select.ts`: where, group by, having, order by, limit, locking, projection.
 * - `set-operation.ts`, `dml.ts`: UNION; INSERT, UPDATE, DELETE.
 *
 * A plan holds no value of the statement: literals and parameters are read when it runs, so that
 * one plan serves all texts of a shape. A subquery that mentions the query around it is run for
 * each of its rows (`Apply`), any other once before the statement. Absent: cost, decorrelation,
 * join reordering.
 */
import { SqlError } from '../../../errors.ts';
import type { SessionView } from '../../executor/context.ts';
import type { Change } from '../../executor/insert.ts';
import type { ExplainNode, Plan } from '../../executor/plan.ts';
import type { Delete, Insert, Query, Update } from '../ast.ts';
import type { SchemaStore } from '../catalog.ts';
import type { SqlType } from '../catalog-type.ts';
import { planDelete, planInsert, planUpdate } from './dml.ts';
import type {
  EagerSubquery,
  PlanEnvironment,
  PlannedQuery,
  PlanState,
  RowCounts,
  WantedColumns,
} from './scope.ts';
import { planSelect } from './select.ts';
import { planSetOperation } from './set-operation.ts';

/** A statement the planner can plan. */
export type Plannable = Query | Insert | Update | Delete;

/** A planned statement. */
export interface Planned {
  /** Subqueries to run first, in this order. */
  readonly subqueries: readonly EagerSubquery[];
  readonly body:
    | { readonly kind: 'query'; readonly plan: Plan; readonly names: readonly string[] }
    | { readonly kind: 'change'; readonly change: Change };
  /** Reads at for_update_ts: it locks or changes rows. */
  readonly current: boolean;
  /** Good for one execution only. */
  readonly volatile: boolean;
}

/** What a statement is planned for. */
export interface PlanRequest {
  readonly schema: SchemaStore;
  readonly statistics: RowCounts;
  readonly database: string;
  readonly session: SessionView;
  readonly paramTypes: readonly SqlType[];
}

/** Plans a statement. Throws the errors of name resolution and 1235 for what is not built. */
export function planStatement(statement: Plannable, request: PlanRequest): Planned {
  const state: PlanState = { subqueries: [], results: 0, slots: 0, volatile: false };
  const env: PlanEnvironment = {
    ...request,
    state,
    tables: new Map(),
    outer: undefined,
    planQuery,
  };
  const body = planBody(statement, env);
  number(state.subqueries, body);
  const current =
    body.kind === 'change' || (statement.kind === 'select' && statement.lock !== undefined);
  return { subqueries: state.subqueries, body, current, volatile: state.volatile };
}

function planBody(statement: Plannable, env: PlanEnvironment): Planned['body'] {
  switch (statement.kind) {
    case 'insert':
      return { kind: 'change', change: planInsert(statement, env) };
    case 'update':
      return { kind: 'change', change: planUpdate(statement, env) };
    case 'delete':
      return { kind: 'change', change: planDelete(statement, env) };
    default:
      return { kind: 'query', ...planQuery(statement, env) };
  }
}

function planQuery(query: Query, env: PlanEnvironment, wanted?: WantedColumns): PlannedQuery {
  const inner = withCommonTables(query, env);
  if (query.kind === 'set-operation') return planSetOperation(query, inner);
  return planSelect(query, inner, wanted);
}

function withCommonTables(query: Query, env: PlanEnvironment): PlanEnvironment {
  if (query.with === undefined) return env;
  if (query.with.recursive) {
    throw new SqlError(1235, "This version of TiDB doesn't yet support 'recursive CTE'");
  }
  const tables = new Map(env.tables);
  for (const { name, query: body } of query.with.tables) tables.set(name.toLowerCase(), body);
  return { ...env, tables };
}

/** Gives every operator its number: those of the body first, then those of subqueries. */
function number(subqueries: readonly EagerSubquery[], body: Planned['body']): void {
  let last = 0;
  const next = (): number => ++last;
  if (body.kind === 'query') body.plan.assignIds(next);
  else body.change.assignIds(next);
  for (const { plan } of subqueries) plan.assignIds(next);
}

/** The plan as EXPLAIN's rows: id, estRows, task, access object, operator info. */
export function explainRows(root: ExplainNode): string[][] {
  const rows: string[][] = [];
  const visit = (node: ExplainNode, first: string, rest: string): void => {
    const role = node.role === undefined ? '' : `(${node.role})`;
    const id = `${first}${node.name}_${node.id}${role}`;
    rows.push([id, node.rows.toFixed(2), node.task, node.access, node.info]);
    for (const [i, child] of node.children.entries()) {
      const last = i === node.children.length - 1;
      visit(child, `${rest}${last ? '└─' : '├─'}`, `${rest}${last ? '  ' : '│ '}`);
    }
  };
  visit(root, '', '');
  return rows;
}
