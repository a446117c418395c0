/**
 * # The planner
 *
 * Makes a tree of operators out of a statement's syntax tree: a query's rows come from tables
 * joined, filtered, grouped, sorted and projected, and each of these steps is planned over the plan
 * of the one before.
 *
 * - `scope.ts`: which names lead to which columns; `source.ts`: what a part of FROM hands on.
 * - `from.ts`: tables, derived tables, joins; conditions move down to where they can be checked
 *   first. `join-group.ts` orders inner joins, `join-plan.ts` and `join-algorithm.ts` pick one of
 *   hashing, merging and looking up.
 * - `table-leaf.ts`: one table, and what its stores can do of the work above it: conditions,
 *   partial aggregates, the first rows of an order. `access-path.ts`: by which key or index;
 *   `bounding.ts`: which conditions bound one; `index-look-up.ts`: from an index to the records.
 * - `select.ts`, with `group.ts`, `aggregation.ts`, `order-by.ts`, `select-list.ts`: the clauses.
 * - `window.ts` and `window-*.ts`: window functions, one operator for each different window.
 * - `common-table.ts`, `recursive-table.ts`: WITH.
 * - `set-operation.ts`, `dml.ts`: UNION; INSERT, UPDATE, DELETE.
 * - `hints.ts`, `select-hints.ts`: what the statement demands of all this.
 * - `texts.ts`, `range-text.ts`: how EXPLAIN spells it.
 *
 * Choices rest on `estimate.ts`: rows and different values as ANALYZE counted them, or TiDB's
 * pseudo numbers. There are no histograms and no cost model. Rules stand where TiDB's costs nearly
 * always lead to the same end: an aggregation goes to the stores if they can do it, an order that a
 * key has by itself is used, an index join wants ten times fewer outer rows than inner ones.
 *
 * A plan holds no value of the statement: literals and parameters are read when it runs, so that
 * one plan serves all texts of a shape. A subquery that mentions the query around it is run for
 * each of its rows (`Apply`), any other once before the statement. Absent: decorrelation, index
 * merge.
 */
import type { SessionView, Warning } from '../../executor/context.ts';
import type { RecursiveCte } from '../../executor/cte.ts';
import type { Change } from '../../executor/insert.ts';
import type { Plan } from '../../executor/plan.ts';
import type { Delete, Insert, Query, Update } from '../ast.ts';
import type { SchemaStore } from '../catalog.ts';
import type { SqlType } from '../catalog-type.ts';
import { withCommonTables } from './common-table.ts';
import { planDelete, planInsert, planUpdate } from './dml.ts';
import { NO_DEMANDS, NO_HINTS, type StatementDemands } from './hints.ts';
import type {
  EagerSubquery,
  PlanEnvironment,
  PlannedQuery,
  PlanState,
  TableFacts,
  WantedColumns,
} from './scope.ts';
import { planSelect } from './select.ts';
import { planSetOperation } from './set-operation.ts';
import type { SystemTable } from './system-table.ts';
import type { ExplainTexts } from './texts.ts';

/** A statement the planner can plan. */
export type Plannable = Query | Insert | Update | Delete;

/** A planned statement. */
export interface Planned {
  /** Subqueries to run first, in this order. */
  readonly subqueries: readonly EagerSubquery[];
  /** Recursive common table expressions, in order of their numbers. */
  readonly commonTables: readonly RecursiveCte[];
  readonly body:
    | { readonly kind: 'query'; readonly plan: Plan; readonly names: readonly string[] }
    | { readonly kind: 'change'; readonly change: Change };
  /** Reads at for_update_ts: it locks or changes rows. */
  readonly current: boolean;
  /** Good for one execution only. */
  readonly volatile: boolean;
  readonly demands: StatementDemands;
  /** What every run of it warns of: hints that came to nothing. */
  readonly warnings: readonly Warning[];
}

/** What a statement is planned for. */
export interface PlanRequest {
  readonly schema: SchemaStore;
  readonly statistics: TableFacts;
  /** The table of INFORMATION_SCHEMA that has this name. */
  systemTableOf(database: string, name: string): SystemTable | undefined;
  readonly database: string;
  readonly session: SessionView;
  readonly paramTypes: readonly SqlType[];
  /** For EXPLAIN: the texts of its lines. */
  readonly texts?: ExplainTexts | undefined;
}

/** Plans a statement. Throws the errors of name resolution and 1235 for what is not built. */
export function planStatement(statement: Plannable, request: PlanRequest): Planned {
  const state: PlanState = {
    ...{ subqueries: [], commonTables: [], results: 0, slots: 0, volatile: false },
    ...{ demands: NO_DEMANDS, warnings: [] },
  };
  const env: PlanEnvironment = {
    ...request,
    texts: request.texts,
    state,
    tables: new Map(),
    outer: undefined,
    hints: NO_HINTS,
    planQuery,
  };
  const body = planBody(statement, env);
  number(state, body);
  const current =
    body.kind === 'change' || (statement.kind === 'select' && statement.lock !== undefined);
  const { subqueries, commonTables, volatile, demands, warnings } = state;
  return { subqueries, commonTables, body, current, volatile, demands, warnings };
}

function planBody(statement: Plannable, env: PlanEnvironment): Planned['body'] {
  switch (statement.kind) {
    case 'insert':
      return { kind: 'change', change: planInsert(statement, env) };
    case 'update':
      return {
        kind: 'change',
        change: planUpdate(statement, withCommonTables(statement.with, env)),
      };
    case 'delete':
      return {
        kind: 'change',
        change: planDelete(statement, withCommonTables(statement.with, env)),
      };
    default:
      return { kind: 'query', ...planQuery(statement, env) };
  }
}

function planQuery(query: Query, env: PlanEnvironment, wanted?: WantedColumns): PlannedQuery {
  const inner = withCommonTables(query.with, env);
  if (query.kind === 'set-operation') return planSetOperation(query, inner);
  return planSelect(query, inner, wanted);
}

/** Gives every operator its number: those of the body first, then those that run beside it. */
function number({ subqueries, commonTables }: PlanState, body: Planned['body']): void {
  let last = 0;
  const next = (): number => ++last;
  if (body.kind === 'query') body.plan.assignIds(next);
  else body.change.assignIds(next);
  for (const { plan } of subqueries) plan.assignIds(next);
  for (const table of commonTables) table.assignIds(next);
}
