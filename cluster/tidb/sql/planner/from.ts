import { SqlError } from '../../../errors.ts';
import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { columnAt } from '../../executor/expression-constant.ts';
import { TableDual } from '../../executor/projection.ts';
import { Selection } from '../../executor/selection.ts';
import type { DerivedTable, Expression, Join, TableReference, TableSource } from '../ast.ts';
import type { TableInfo } from '../catalog.ts';
import { TableEstimate } from './estimate.ts';
import { checkAliases, JoinGroup } from './join-group.ts';
import { joined } from './join-plan.ts';
import { leafScope } from './leaf-scope.ts';
import { isPure } from './pure.ts';
import {
  findColumn,
  type PlanEnvironment,
  type PlannedQuery,
  type Scope,
  type ScopeColumn,
  ScopeResolver,
  type WantedColumns,
} from './scope.ts';
import {
  type EqualPair,
  onlyUses,
  type Pool,
  referenceTo,
  type Source,
  type Usage,
} from './source.ts';
import { planSystemTable } from './system-table.ts';
import { TableLeaf } from './table-leaf.ts';
import { conjuncts } from './walk.ts';

/** Plans FROM, with as many conditions of the pool as it can use. */
export function planFrom(
  reference: TableReference | undefined,
  pool: Pool,
  usage: Usage,
  env: PlanEnvironment,
): Source {
  if (reference === undefined)
    return { plan: new TableDual(1), scope: [], wildcard: [], locks: [] };
  return planGroup(reference, pool, usage, env).source(env);
}

/** Inner joins are gathered, so that the order of their members can be chosen. */
function planGroup(
  reference: TableReference,
  pool: Pool,
  usage: Usage,
  env: PlanEnvironment,
): JoinGroup {
  switch (reference.kind) {
    case 'table':
      return new JoinGroup([planTable(reference, pool, usage, env)], []);
    case 'derived':
      return new JoinGroup([planDerived(reference, usage, env)], []);
    case 'join':
      return isFree(reference)
        ? planFreeJoin(reference, pool, usage, env)
        : new JoinGroup([planJoin(reference, pool, usage, env)], []);
  }
}

/** Whether the sides of a join may change places and neighbours. */
function isFree({ type, using, natural, straight }: Join): boolean {
  return type === 'inner' && using.length === 0 && !natural && !straight;
}

function planFreeJoin(join: Join, pool: Pool, usage: Usage, env: PlanEnvironment): JoinGroup {
  for (const condition of conjuncts(join.on)) pool.add(condition);
  const left = planGroup(join.left, pool, usage, env);
  const right = planGroup(join.right, pool, usage, env);
  checkAliases(left.scope, right.scope);
  const scope = [...left.scope, ...right.scope];
  const own = [...pool].filter((each) => onlyUses(each, scope));
  for (const condition of own) pool.delete(condition);
  return left.with(right, own);
}

function planTable(source: TableSource, pool: Pool, usage: Usage, env: PlanEnvironment): Source {
  const { schema, name } = source.table;
  const common = schema === undefined ? env.tables.get(name.toLowerCase()) : undefined;
  if (common !== undefined) {
    const { alias = name } = source;
    return named(common.reference(alias === name ? name : `${name} AS ${alias}`), alias);
  }
  const database = schema ?? databaseOf(env);
  const system = env.systemTableOf(database, name);
  if (system !== undefined) return named(planSystemTable(system), source.alias ?? name);
  const table = env.schema.table(database, name);
  const wanted = wantedColumns(table, usage);
  const alias = (source.alias ?? name).toLowerCase();
  const estimate = new TableEstimate(table, env.statistics);
  env.texts?.skipColumns(table.columns.length);
  const scope = leafScope(table, wanted, alias, estimate);
  const own = [...pool].filter((condition) => onlyUses(condition, scope));
  for (const condition of own) pool.delete(condition);
  const pushed = own.filter(isPure);
  const indexHints = withIndexHints(source, alias, env);
  const leaf = new TableLeaf({ table, alias, scope, wanted, conditions: pushed }, indexHints);
  const handle = table.handle.map((offset) => wanted.indexOf(offset));
  const locks = usage.handles ? [{ table, alias, handle }] : [];
  const wildcard = visibleOf(scope);
  const rest = own.filter((condition) => !pushed.includes(condition));
  const plan = leaf.reader();
  if (rest.length === 0) return { plan, scope, wildcard, locks, leaf };
  return { plan: filtered(plan, rest, scope, env), scope, wildcard, locks };
}

/** USE INDEX behind a table says what the hint of that name says. */
function withIndexHints(
  { indexHints }: TableSource,
  alias: string,
  env: PlanEnvironment,
): PlanEnvironment {
  if (indexHints.length === 0) return env;
  const choices = indexHints.map(({ action, indexes }) => ({
    action: action === 'IGNORE' ? ('ignore' as const) : ('use' as const),
    table: alias,
    indexes: indexes.map((name) => name.toLowerCase()),
  }));
  return { ...env, hints: { ...env.hints, indexes: [...env.hints.indexes, ...choices] } };
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

function planDerived(source: DerivedTable, usage: Usage, env: PlanEnvironment): Source {
  const wanted: WantedColumns = (name, at) =>
    usage.names === undefined || usage.names.has((source.columns[at] ?? name).toLowerCase());
  const planned = env.planQuery(source.query, { ...env, outer: undefined }, wanted);
  return named(renamed(planned, source.columns), source.alias);
}

/** The columns by the names that a list gives them, if there is one. Throws 1353. */
export function renamed(planned: PlannedQuery, names: readonly string[]): PlannedQuery {
  if (names.length === 0) return planned;
  if (names.length === planned.names.length) return { ...planned, names };
  throw new SqlError(
    1353,
    'In definition of view, derived table or common table expression, SELECT list and column names list have different column counts',
  );
}

/** A query's rows under an alias. Throws 1060. */
export function named({ plan, names, columns }: PlannedQuery, alias: string): Source {
  const seen = new Set<string>();
  const table = alias.toLowerCase();
  const scope = names.map((name, i): ScopeColumn => {
    const lower = name.toLowerCase();
    if (seen.has(lower)) throw new SqlError(1060, `Duplicate column name '${name}'`);
    seen.add(lower);
    const type = plan.types[i] as ScopeColumn['type'];
    const { label, distinct } = columns[i] as (typeof columns)[number];
    const place = { database: '', table, name: lower, shown: name };
    return { ...place, type, hidden: false, shadowed: false, label, distinct };
  });
  return { plan, scope, wildcard: [...scope.keys()], locks: [] };
}

/** A join whose sides stay where they are: outer, with USING, NATURAL or STRAIGHT_JOIN. */
function planJoin(join: Join, pool: Pool, usage: Usage, env: PlanEnvironment): Source {
  const inner = join.type === 'inner';
  const on = conjuncts(join.on);
  if (inner) for (const condition of on) pool.add(condition);
  const closed: Pool = new Set();
  const left = planFrom(join.left, join.type === 'right' ? closed : pool, usage, env);
  const right = planFrom(join.right, join.type === 'left' ? closed : pool, usage, env);
  const scope = [...left.scope, ...right.scope];
  checkAliases(left.scope, right.scope);
  const pairs = usingPairs(join, left.scope, right.scope);
  const conditions = inner ? [...pool].filter((each) => onlyUses(each, scope)) : on;
  for (const condition of conditions) pool.delete(condition);
  const source = joined({ type: join.type, left, right, conditions, pairs }, env);
  const shift = left.scope.length;
  return { ...source, scope: shadow(join, scope, shift), wildcard: starOf(join, left, right) };
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
    const [a, b] = [left[at] as ScopeColumn, right[other] as ScopeColumn];
    return {
      left: columnAt(at, a.type),
      right: columnAt(other, b.type),
      sides: [referenceTo(a), referenceTo(b)],
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

function filtered(
  plan: Source['plan'],
  conditions: readonly Expression[],
  scope: Scope,
  env: PlanEnvironment,
): Source['plan'] {
  const resolver = new ScopeResolver(env, scope);
  const compiled: Compiled[] = conditions.map((condition) => compile(condition, resolver));
  return new Selection(plan, compiled, resolver.describe(conditions));
}
