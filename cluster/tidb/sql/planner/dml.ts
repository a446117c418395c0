import { SqlError } from '../../../errors.ts';
import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { columnAt, constant } from '../../executor/expression-constant.ts';
import { type Change, InsertExecutor, type Setting } from '../../executor/insert.ts';
import { ModifyRows } from '../../executor/modify.ts';
import type { Plan } from '../../executor/plan.ts';
import { Projection } from '../../executor/projection.ts';
import type {
  Assignment,
  ColumnReference,
  Delete,
  Expression,
  Insert,
  TableName,
  TableReference,
  Update,
} from '../ast.ts';
import { type ColumnInfo, type TableInfo, visibleColumns } from '../catalog.ts';
import { type Pool, planFrom } from './from.ts';
import {
  findColumn,
  type PlanEnvironment,
  PlanResolver,
  type Scope,
  ScopeResolver,
  unknownColumn,
} from './scope.ts';
import { filter, sortAndLimit } from './select.ts';
import { conjuncts } from './walk.ts';

/** The table a statement changes. Throws 1046, 1146. */
function tableOf(name: TableName, env: PlanEnvironment): TableInfo {
  const database = name.schema ?? env.database;
  if (database === '') throw new SqlError(1046, 'No database selected');
  return env.schema.table(database, name.name);
}

/** Plans INSERT and REPLACE. Throws 1054, 1110, 1136. */
export function planInsert(insert: Insert, env: PlanEnvironment): Change {
  const table = tableOf(insert.table, env);
  const columns =
    insert.columns.length === 0
      ? visibleColumns(table).map(({ offset }) => offset)
      : insert.columns.map((name) => offsetOf(table, name));
  if (new Set(columns).size < columns.length) {
    throw new SqlError(1110, 'Column specified twice');
  }
  const { source } = insert;
  const mode = insert.replace ? 'replace' : insert.ignore ? 'ignore' : 'insert';
  const onDuplicate = settings(table, insert.onDuplicate, new DuplicateResolver(env, table));
  if (source.kind === 'query') {
    const { plan } = env.planQuery(source.query, env);
    if (plan.types.length !== columns.length) throw countError(1);
    return new InsertExecutor({ table, columns, source: plan, mode, onDuplicate });
  }
  const resolver = new ScopeResolver(env, []);
  const rows = source.rows.map((row, i) => {
    const given = row.length === 0 && insert.columns.length === 0 ? columns.map(defaultValue) : row;
    if (given.length !== columns.length) throw countError(i + 1);
    return given.map((value) => (value.kind === 'default' ? undefined : compile(value, resolver)));
  });
  return new InsertExecutor({ table, columns, source: rows, mode, onDuplicate });
}

function defaultValue(): Expression {
  return { kind: 'default' } as Expression;
}

function countError(row: number): SqlError {
  return new SqlError(1136, `Column count doesn't match value count at row ${row}`);
}

function offsetOf(table: TableInfo, name: string): number {
  const lower = name.toLowerCase();
  const column = table.columns.find((each) => each.lowerName === lower);
  if (column !== undefined) return column.offset;
  throw new SqlError(1054, `Unknown column '${name}' in 'field list'`);
}

function settings(
  table: TableInfo,
  assignments: readonly Assignment[],
  resolver: ScopeResolver,
): Setting[] {
  return assignments.map(({ column, value }) => {
    const offset = offsetOf(table, column.name);
    if (value.kind !== 'default') return { offset, value: compile(value, resolver) };
    const { defaultValue: given, type } = table.columns[offset] as ColumnInfo;
    const stored = given.kind === 'value' ? given.value : null;
    return { offset, value: constant(type, () => stored) };
  });
}

/**
 * In ON DUPLICATE KEY UPDATE a name is the row that exists, VALUES(name) the one that was meant.
 */
class DuplicateResolver extends ScopeResolver {
  private readonly table: TableInfo;

  constructor(env: PlanEnvironment, table: TableInfo) {
    super(env, tableScope(table));
    this.table = table;
  }

  override insertedValue(reference: ColumnReference): Compiled {
    const at = findColumn(tableScope(this.table), reference);
    if (at === undefined) throw unknownColumn(reference);
    const { type } = this.table.columns[at] as ColumnInfo;
    return constant(type, (ctx) => ctx.inserted[at] ?? null);
  }
}

function tableScope(table: TableInfo): Scope {
  return table.columns.map(({ lowerName, type, hidden }) => ({
    database: table.database.toLowerCase(),
    table: table.name.toLowerCase(),
    name: lowerName,
    type,
    hidden,
    shadowed: false,
  }));
}

/** Plans UPDATE of one table. Throws 1235 for more. */
export function planUpdate(update: Update, env: PlanEnvironment): Change {
  const { table, plan, scope } = targetRows(update.from, update, env);
  const all = new ScopeResolver(env, scope);
  return new ModifyRows(table, plan, settings(table, update.assignments, all));
}

/** Plans DELETE from one table. Throws 1235 for more. */
export function planDelete(statement: Delete, env: PlanEnvironment): Change {
  if (statement.targets.length > 1) throw manyTables();
  const { table, plan } = targetRows(statement.from, statement, env);
  return new ModifyRows(table, plan, undefined);
}

/** The rows a change concerns, all columns of the table in order. */
function targetRows(
  from: TableReference,
  { where, orderBy, limit }: Pick<Update, 'where' | 'orderBy' | 'limit'>,
  env: PlanEnvironment,
): { table: TableInfo; plan: Plan; scope: Scope } {
  if (from.kind !== 'table') throw manyTables();
  const table = tableOf(from.table, env);
  const pool: Pool = new Set(conjuncts(where));
  const source = planFrom(from, pool, { names: undefined, handles: true }, env);
  const resolver = new PlanResolver(env, source.scope, source.plan);
  filter([...pool], resolver);
  const keys = orderBy.map(({ expression, descending }) => ({
    compiled: compile(expression, resolver),
    descending,
  }));
  const plan = sortAndLimit(resolver.plan, keys, orderBy, limit, env);
  return { table, plan: inTableOrder(plan, table, source.scope), scope: source.scope };
}

function inTableOrder(plan: Plan, table: TableInfo, scope: Scope): Plan {
  const items = table.columns.map(({ lowerName, type }) => {
    const at = scope.findIndex(({ name }) => name === lowerName);
    return columnAt(at, type);
  });
  const same = items.every(({ column }, i) => column === i);
  return same ? plan : new Projection(plan, items, table.name);
}

function manyTables(): SqlError {
  return new SqlError(1235, "This version of TiDB doesn't yet support 'changes of several tables'");
}
