import { SqlError } from '../../../errors.ts';
import { comparisonType } from '../../executor/coerce.ts';
import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { columnAt } from '../../executor/expression-constant.ts';
import { HashJoin } from '../../executor/hash-join.ts';
import type { Plan } from '../../executor/plan.ts';
import { TableDual } from '../../executor/projection.ts';
import type { LockedTable } from '../../executor/select-lock.ts';
import { Selection } from '../../executor/selection.ts';
import type { DerivedTable, Expression, Join, TableReference, TableSource } from '../ast.ts';
import type { ColumnInfo, TableInfo } from '../catalog.ts';
import { isWrapped } from '../catalog-type.ts';
import { restoreExpression } from '../restore.ts';
import { accessPath } from './access-path.ts';
import {
  findColumn,
  type PlanEnvironment,
  type PlannedQuery,
  type Scope,
  type ScopeColumn,
  ScopeResolver,
  type WantedColumns,
} from './scope.ts';
import { columnsIn, conjuncts, hasSubquery } from './walk.ts';

/** A planned FROM clause. */
export interface Source {
  readonly plan: Plan;
  readonly scope: Scope;
  /** Positions in the scope of what `*` stands for, in that order. */
  readonly wildcard: readonly number[];
  /** Tables whose rows FOR UPDATE would lock. */
  readonly locks: readonly LockedTable[];
}

/** What the query wants of its tables. */
export interface Usage {
  /** Lower-case names of the columns it mentions; undefined: all. */
  readonly names: ReadonlySet<string> | undefined;
  /** Handles are needed, to lock by or to write to. */
  readonly handles: boolean;
}

/** Conditions of WHERE; those that a source has taken over are removed. */
export type Pool = Set<Expression>;

/** Plans FROM, with as many conditions of the pool as it can use. */
export function planFrom(
  reference: TableReference | undefined,
  pool: Pool,
  usage: Usage,
  env: PlanEnvironment,
): Source {
  if (reference === undefined)
    return { plan: new TableDual(1), scope: [], wildcard: [], locks: [] };
  switch (reference.kind) {
    case 'table':
      return planTable(reference, pool, usage, env);
    case 'derived':
      return planDerived(reference, usage, env);
    case 'join':
      return planJoin(reference, pool, usage, env);
  }
}

function planTable(source: TableSource, pool: Pool, usage: Usage, env: PlanEnvironment): Source {
  const { schema, name } = source.table;
  const common = schema === undefined ? env.tables.get(name.toLowerCase()) : undefined;
  if (common !== undefined) {
    return named(env.planQuery(common, { ...env, outer: undefined }), source.alias ?? name);
  }
  const table = env.schema.table(schema ?? databaseOf(env), name);
  const wanted = wantedColumns(table, usage);
  const alias = (source.alias ?? name).toLowerCase();
  const scope = wanted.map((offset) => scopeColumn(table, offset, alias));
  const own = [...pool].filter((condition) => onlyUses(condition, scope));
  const reader = accessPath({ table, scope, wanted, conditions: own }, env);
  const handle = table.handle.map((offset) => wanted.indexOf(offset));
  const locks = usage.handles ? [{ table, alias, handle }] : [];
  const plan = filtered(reader, own, pool, scope, env);
  return { plan, scope, wildcard: visibleOf(scope), locks };
}

function visibleOf(scope: Scope): number[] {
  return [...scope.keys()].filter((at) => !(scope[at] as ScopeColumn).hidden);
}

function databaseOf(env: PlanEnvironment): string {
  if (env.database === '') throw new SqlError(1046, 'No database selected');
  return env.database;
}

function wantedColumns(table: TableInfo, { names, handles }: Usage): number[] {
  const wanted = table.columns
    .filter(
      ({ lowerName, hidden, offset }) =>
        (names === undefined ? !hidden : names.has(lowerName)) ||
        (handles && table.handle.includes(offset)),
    )
    .map(({ offset }) => offset);
  // Something must be read for rows to be counted by.
  return wanted.length > 0 ? wanted : [table.handle[0] as number];
}

function scopeColumn(table: TableInfo, offset: number, alias: string): ScopeColumn {
  const { lowerName, type, hidden } = table.columns[offset] as ColumnInfo;
  const database = table.database.toLowerCase();
  return { database, table: alias, name: lowerName, type, hidden, shadowed: false };
}

function planDerived(source: DerivedTable, usage: Usage, env: PlanEnvironment): Source {
  const wanted: WantedColumns = (name, at) =>
    usage.names === undefined || usage.names.has((source.columns[at] ?? name).toLowerCase());
  const planned = env.planQuery(source.query, { ...env, outer: undefined }, wanted);
  const names = source.columns.length > 0 ? source.columns : planned.names;
  return named({ ...planned, names }, source.alias);
}

/** A query's rows under an alias. Throws 1060. */
function named({ plan, names }: PlannedQuery, alias: string): Source {
  const seen = new Set<string>();
  const scope = names.map((name, i) => {
    const lower = name.toLowerCase();
    if (seen.has(lower)) throw new SqlError(1060, `Duplicate column name '${name}'`);
    seen.add(lower);
    const type = plan.types[i] as ScopeColumn['type'];
    const table = alias.toLowerCase();
    return { database: '', table, name: lower, type, hidden: false, shadowed: false };
  });
  return { plan, scope, wildcard: [...scope.keys()], locks: [] };
}

function planJoin(join: Join, pool: Pool, usage: Usage, env: PlanEnvironment): Source {
  const inner = join.type === 'inner';
  const on = conjuncts(join.on);
  if (inner) for (const condition of on) pool.add(condition);
  const closed: Pool = new Set();
  const left = planFrom(join.left, join.type === 'right' ? closed : pool, usage, env);
  const right = planFrom(join.right, join.type === 'left' ? closed : pool, usage, env);
  const scope = [...left.scope, ...right.scope];
  checkAliases(left.scope, right.scope);
  const equal = usingPairs(join, left.scope, right.scope);
  const other: Compiled[] = [];
  const texts: string[] = equal.map(({ text }) => text);
  const candidates = inner ? [...pool].filter((each) => onlyUses(each, scope)) : on;
  for (const condition of candidates) {
    const pair = equalPair(condition, left.scope, right.scope, env);
    if (pair !== undefined) equal.push(pair);
    else other.push(compile(condition, new ScopeResolver(env, scope)));
    texts.push(restoreExpression(condition));
    pool.delete(condition);
  }
  const info = texts.length === 0 ? '' : `equal:[${texts.join(' ')}]`;
  const plan = new HashJoin({
    ...{ type: join.type, left: left.plan, right: right.plan, equal, other, info },
  });
  const shift = left.scope.length;
  const shifted = right.locks.map(({ table, alias, handle }) => ({
    table,
    alias,
    handle: handle.map((at) => at + shift),
  }));
  const locks = [...left.locks, ...shifted];
  return { plan, scope: shadow(join, scope, shift), wildcard: starOf(join, left, right), locks };
}

function checkAliases(left: Scope, right: Scope): void {
  const names = new Set(left.map(({ database, table }) => `${database}.${table}`));
  for (const { database, table } of right) {
    if (names.has(`${database}.${table}`)) {
      throw new SqlError(1066, `Not unique table/alias: '${table}'`);
    }
  }
}

interface EqualPair {
  readonly left: Compiled;
  readonly right: Compiled;
  readonly text: string;
}

/** USING and NATURAL: pairs of columns of one name. */
function usingPairs(join: Join, left: Scope, right: Scope): EqualPair[] {
  return sharedNames(join, left, right).map((name) => {
    const reference = { kind: 'column', schema: undefined, table: undefined, name } as const;
    const at = findColumn(left, reference);
    const other = findColumn(right, reference);
    if (at === undefined || other === undefined) {
      throw new SqlError(1054, `Unknown column '${name}' in 'from clause'`);
    }
    return {
      left: columnAt(at, (left[at] as ScopeColumn).type),
      right: columnAt(other, (right[other] as ScopeColumn).type),
      text: name,
    };
  });
}

function sharedNames(join: Join, left: Scope, right: Scope): readonly string[] {
  if (!join.natural) return join.using;
  const bare = (scope: Scope) => scope.filter(({ hidden, shadowed }) => !hidden && !shadowed);
  const names = new Set(bare(left).map(({ name }) => name));
  return bare(right)
    .map(({ name }) => name)
    .filter((name) => names.has(name));
}

/** A column named by USING appears once: the second is found only by its table's name. */
function shadow(join: Join, scope: Scope, shift: number): Scope {
  const shared = sharedNames(join, scope.slice(0, shift), scope.slice(shift));
  if (shared.length === 0) return scope;
  const lower = new Set(shared.map((name) => name.toLowerCase()));
  const first = join.type === 'right' ? 0 : shift;
  const last = join.type === 'right' ? shift : scope.length;
  return scope.map((column, at) =>
    at >= first && at < last && lower.has(column.name) ? { ...column, shadowed: true } : column,
  );
}

/** `*` of a join: what USING names first, then the rest of either side. */
function starOf(join: Join, left: Source, right: Source): number[] {
  const shift = left.scope.length;
  const ours = left.wildcard.map((at) => ({ at, name: left.scope[at]?.name }));
  const theirs = right.wildcard.map((at) => ({ at: at + shift, name: right.scope[at]?.name }));
  const names = sharedNames(join, left.scope, right.scope).map((name) => name.toLowerCase());
  const [first, second] = join.type === 'right' ? [theirs, ours] : [ours, theirs];
  const shared = first.filter(({ name }) => name !== undefined && names.includes(name));
  const rest = [...first, ...second].filter(
    ({ name }) => name === undefined || !names.includes(name),
  );
  return [...shared, ...rest].map(({ at }) => at);
}

/** `a = b` with one side on each input, of types that words can compare. */
function equalPair(
  condition: Expression,
  left: Scope,
  right: Scope,
  env: PlanEnvironment,
): EqualPair | undefined {
  if (condition.kind !== 'binary' || condition.operator !== '=') return undefined;
  const straight = onlyUses(condition.left, left) && onlyUses(condition.right, right);
  const crossed = onlyUses(condition.left, right) && onlyUses(condition.right, left);
  const constant =
    columnsIn(condition.left).length === 0 || columnsIn(condition.right).length === 0;
  if ((!straight && !crossed) || constant) return undefined;
  const [a, b] = straight ? [condition.left, condition.right] : [condition.right, condition.left];
  const pair = {
    left: compile(a, new ScopeResolver(env, left)),
    right: compile(b, new ScopeResolver(env, right)),
    text: restoreExpression(condition),
  };
  const alike = pair.left.type.kind === pair.right.type.kind;
  const same = comparisonType(pair.left.type, pair.right.type).kind;
  const scales = pair.left.type.scale === pair.right.type.scale || same === 'string';
  const signs = isWrapped(pair.left.type) === isWrapped(pair.right.type);
  const words = same === 'int' || same === 'string' || same === 'real' || same === 'datetime';
  return alike && words && scales && signs ? pair : undefined;
}

/** Whether all names of an expression lead into a scope, and it holds no subquery. */
function onlyUses(expression: Expression, scope: Scope): boolean {
  if (hasSubquery(expression)) return false;
  return columnsIn(expression).every((reference) => findColumn(scope, reference) !== undefined);
}

function filtered(
  plan: Plan,
  conditions: readonly Expression[],
  pool: Pool,
  scope: Scope,
  env: PlanEnvironment,
): Plan {
  if (conditions.length === 0) return plan;
  const resolver = new ScopeResolver(env, scope);
  const compiled = conditions.map((condition) => compile(condition, resolver));
  for (const condition of conditions) pool.delete(condition);
  return new Selection(
    plan,
    compiled,
    conditions.map((each) => restoreExpression(each)).join(', '),
  );
}
