import { SqlError } from '../../../errors.ts';
import type { Assigned } from '../../executor/assign.ts';
import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { constant } from '../../executor/expression-constant.ts';
import { type Change, InsertExecutor } from '../../executor/insert.ts';
import { type ModifiedTable, ModifyRows } from '../../executor/modify.ts';
import type { Plan } from '../../executor/plan.ts';
import type { ColumnReference, Delete, Expression, Insert, TableName, Update } from '../ast.ts';
import { type ColumnInfo, type TableInfo, visibleColumns } from '../catalog.ts';
import { planFrom } from './from.ts';
import { sortAndLimit } from './order-by.ts';
import {
  findColumn,
  type PlanEnvironment,
  PlanResolver,
  type Scope,
  type ScopeColumn,
  ScopeResolver,
  unknownColumn,
} from './scope.ts';
import { filter } from './select.ts';
import type { Pool, Source } from './source.ts';
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
  const onDuplicate = onDuplicateOf(table, insert, env);
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

/** What ON DUPLICATE KEY UPDATE does to the row that is there. */
function onDuplicateOf(
  table: TableInfo,
  { onDuplicate }: Insert,
  env: PlanEnvironment,
): Assigned[] {
  const resolver = new DuplicateResolver(env, table);
  return onDuplicate.map(({ column: { name }, value }) => {
    const offset = offsetOf(table, name);
    return assigned(offset, table.columns[offset] as ColumnInfo, value, resolver);
  });
}

function assigned(
  at: number,
  column: ColumnInfo,
  value: Expression,
  resolver: ScopeResolver,
): Assigned {
  if (value.kind !== 'default') return { at, column, value: compile(value, resolver) };
  const { defaultValue: given, type } = column;
  const stored = given.kind === 'value' ? given.value : null;
  return { at, column, value: constant(type, () => stored) };
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

  protected override applied(): Compiled {
    throw new SqlError(
      1235,
      "This version of TiDB doesn't yet support 'correlated subquery in ON DUPLICATE KEY UPDATE'",
    );
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
    label: lowerName,
    distinct: 1,
  }));
}

/** Plans UPDATE of one table or a join. Throws 1054, 1221, 1288. */
export function planUpdate(update: Update, env: PlanEnvironment): Change {
  if (update.from.kind === 'join') refuseOrder('UPDATE', update);
  const rows = concernedRows(update, env);
  const tables: ModifiedTable[] = [];
  const assignments = update.assignments.map(({ column: reference, value }) => {
    const at = findColumn(rows.source.scope, reference);
    if (at === undefined) throw unknownColumn(reference);
    const { table: alias, name } = rows.source.scope[at] as ScopeColumn;
    const target = tables.find((each) => each.columns.includes(at)) ?? targetOf(alias, rows.source);
    if (target === undefined) {
      throw new SqlError(1288, `The target table ${alias} of the UPDATE is not updatable`);
    }
    if (!tables.includes(target)) {
      if (tables.some(({ table }) => table.id === target.table.id)) throw underTwoNames();
      tables.push(target);
    }
    const offset = offsetOf(target.table, name);
    return assigned(at, target.table.columns[offset] as ColumnInfo, value, rows.resolver);
  });
  return new ModifyRows({ rows: rows.plan(), tables, assignments, ignore: update.ignore });
}

/** Plans DELETE from one table or several. Throws 1109, 1221. */
export function planDelete(statement: Delete, env: PlanEnvironment): Change {
  if (statement.targets.length > 0) refuseOrder('DELETE', statement);
  const { source, plan } = concernedRows(statement, env);
  const aliases =
    statement.targets.length === 0
      ? source.locks.map(({ alias }) => alias)
      : statement.targets.map(({ name }) => name.toLowerCase());
  const tables = aliases.map((alias) => {
    const target = targetOf(alias, source);
    if (target === undefined) throw new SqlError(1109, `Unknown table '${alias}' in MULTI DELETE`);
    return target;
  });
  const { ignore } = statement;
  return new ModifyRows({ rows: plan(), tables, assignments: undefined, ignore });
}

function underTwoNames(): SqlError {
  return new SqlError(
    1235,
    "This version of TiDB doesn't yet support 'UPDATE of one table under two names'",
  );
}

type Changing = Pick<Update, 'from' | 'where' | 'orderBy' | 'limit'>;

function refuseOrder(statement: string, { orderBy, limit }: Changing): void {
  const clause = orderBy.length > 0 ? 'ORDER BY' : limit === undefined ? undefined : 'LIMIT';
  if (clause === undefined) return;
  throw new SqlError(1221, `Incorrect usage of ${statement} and ${clause}`);
}

interface ConcernedRows {
  readonly source: Source;
  readonly resolver: PlanResolver;
  /** To be called when everything is compiled: subqueries of assignments add to it. */
  readonly plan: () => Plan;
}

/** The rows a change concerns, all columns of all tables side by side. */
function concernedRows(statement: Changing, env: PlanEnvironment): ConcernedRows {
  const { from, where, orderBy, limit } = statement;
  const pool: Pool = new Set(conjuncts(where));
  const source = planFrom(from, pool, { names: undefined, handles: true }, env);
  const resolver = new PlanResolver(env, source.scope, source.plan);
  filter([...pool], resolver);
  const compiled = orderBy.map(({ expression }) => compile(expression, resolver));
  const labelOf = (each: Expression): string | undefined => resolver.label(each);
  const { plan } = resolver;
  resolver.plan = sortAndLimit({ plan, orderBy, compiled, limit, labelOf }, env);
  return { source, resolver, plan: () => resolver.plan };
}

/** The table of an alias, and where its columns lie; undefined if it cannot be changed. */
function targetOf(alias: string, { scope, locks }: Source): ModifiedTable | undefined {
  const table = locks.find((locked) => locked.alias === alias)?.table;
  if (table === undefined) return undefined;
  const columns = table.columns.map(({ lowerName }) =>
    scope.findIndex((column) => column.table === alias && column.name === lowerName),
  );
  return { table, columns };
}
