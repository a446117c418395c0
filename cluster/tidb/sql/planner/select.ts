import { SqlError } from '../../../errors.ts';
import { type Aggregate, aggregateType } from '../../executor/aggregate.ts';
import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { columnAt, constant } from '../../executor/expression-constant.ts';
import { HashAgg } from '../../executor/hash-agg.ts';
import { Limit, type RowWindow } from '../../executor/limit.ts';
import type { SortKey } from '../../executor/order.ts';
import type { Plan } from '../../executor/plan.ts';
import { Projection } from '../../executor/projection.ts';
import { Selection } from '../../executor/selection.ts';
import { Sort } from '../../executor/sort.ts';
import { TopN } from '../../executor/top-n.ts';
import type {
  AggregateCall,
  ColumnReference,
  Expression,
  Limit as LimitClause,
  Literal,
  OrderItem,
  Select,
  SelectExpression,
  SelectItem,
  Wildcard,
} from '../ast.ts';
import { restoreExpression } from '../restore.ts';
import { type Pool, planFrom, type Source, type Usage } from './from.ts';
import { locked } from './lock-clause.ts';
import {
  findColumn,
  type PlanEnvironment,
  type PlannedQuery,
  PlanResolver,
  type Scope,
  type ScopeColumn,
  ScopeResolver,
  type WantedColumns,
} from './scope.ts';
import { aggregatesIn, columnsIn, conjuncts, hasWildcard } from './walk.ts';

/** Plans one SELECT: from, where, group, having, order, lock, projection, in the order they run. */
export function planSelect(
  select: Select,
  env: PlanEnvironment,
  wanted?: WantedColumns,
): PlannedQuery {
  const pool: Pool = new Set(conjuncts(select.where));
  const source = planFrom(select.from, pool, usageOf(select), env);
  const where = new PlanResolver(env, source.scope, source.plan);
  filter([...pool], where);
  const items = expandItems(select.items, source);
  const resolver = group(select, items, where, source.scope) ?? where;
  if (select.having !== undefined) {
    filter(conjuncts(withAliases(select.having, items, source.scope)), resolver);
  }
  const outputs = items.map(({ expression }) => compile(expression, resolver));
  const names = items.map(nameOf);
  if (select.distinct) return planDistinct(select, resolver.plan, items, outputs, names, env);
  let plan = ordered(select, items, resolver, source.scope, env);
  if (select.lock !== undefined) plan = locked(plan, select, source);
  const read = outputs.map((output, i) =>
    wanted === undefined || wanted(names[i] as string, i) ? output : unread(output),
  );
  return { plan: project(plan, read, names), names };
}

/** A column nobody reads is not computed, so that it cannot fail either. */
function unread({ type }: Compiled): Compiled {
  return constant(type, () => null);
}

function usageOf(select: Select): Usage {
  const all = hasWildcard(select.items) || isNatural(select.from);
  const names = new Set(columnsIn(select).map(({ name }) => name.toLowerCase()));
  for (const name of usingNames(select.from)) names.add(name);
  return { names: all ? undefined : names, handles: select.lock !== undefined };
}

/** NATURAL may mean any column. */
function isNatural(from: Select['from']): boolean {
  if (from === undefined || from.kind !== 'join') return false;
  return from.natural || isNatural(from.left) || isNatural(from.right);
}

/** Names that joins mention without a column reference. */
function usingNames(from: Select['from']): string[] {
  if (from === undefined || from.kind !== 'join') return [];
  const own = from.using.map((name) => name.toLowerCase());
  return [...own, ...usingNames(from.left), ...usingNames(from.right)];
}

/** Lets only rows pass for which all conditions hold. */
export function filter(conditions: readonly Expression[], resolver: PlanResolver): void {
  if (conditions.length === 0) return;
  const compiled = conditions.map((condition) => compile(condition, resolver));
  const info = conditions.map((each) => restoreExpression(each)).join(', ');
  resolver.plan = new Selection(resolver.plan, compiled, info);
}

/** Replaces wildcards by the columns they stand for. Throws 1051. */
function expandItems(items: readonly SelectItem[], source: Source): SelectExpression[] {
  return items.flatMap((item) => (item.kind === 'wildcard' ? expand(item, source) : [item]));
}

function expand(wildcard: Wildcard, { scope, wildcard: all }: Source): SelectExpression[] {
  const table = wildcard.table?.toLowerCase();
  const columns =
    table === undefined
      ? all.map((at) => scope[at] as ScopeColumn)
      : scope.filter((column) => !column.hidden && column.table === table);
  if (columns.length === 0) {
    throw wildcard.table === undefined
      ? new SqlError(1096, 'No tables used')
      : new SqlError(1051, `Unknown table '${wildcard.table}'`);
  }
  return columns.map(({ table: from, name }) => ({
    kind: 'expression',
    expression: { kind: 'column', schema: undefined, table: from, name },
    alias: undefined,
    text: name,
  }));
}

function nameOf({ alias, expression, text }: SelectExpression): string {
  return alias ?? (expression.kind === 'column' ? expression.name : text);
}

/** GROUP BY and aggregates; undefined where the query has neither. */
function group(
  select: Select,
  items: readonly SelectExpression[],
  resolver: PlanResolver,
  scope: Scope,
): PlanResolver | undefined {
  const calls = aggregatesIn([items, select.having ?? [], select.orderBy]);
  if (calls.length === 0 && select.groupBy.length === 0) return undefined;
  const keys = select.groupBy.map(({ expression }) => keyOf(expression, items, scope));
  const compiled = keys.map((key) => compile(key, resolver));
  const distinctCalls = new Map<string, AggregateCall>();
  for (const call of calls) distinctCalls.set(restoreExpression(call), call);
  const aggregates = [...distinctCalls.values()].map((call) => aggregate(call, resolver));
  const info = groupInfo(keys, [...distinctCalls.keys()]);
  const plan = new HashAgg(resolver.plan, compiled, aggregates, info);
  const places = new GroupedPlaces(keys, compiled, [...distinctCalls.keys()]);
  return new GroupedResolver(resolver.env, scope, places, plan);
}

function groupInfo(keys: readonly Expression[], calls: readonly string[]): string {
  const by =
    keys.length === 0 ? '' : `group by:${keys.map((key) => restoreExpression(key)).join(', ')}`;
  const funcs = calls.map((call) => `funcs:${call}`).join(', ');
  return [by, funcs].filter((part) => part !== '').join(', ');
}

/** GROUP BY 1, GROUP BY alias: what the key stands for. */
function keyOf(key: Expression, items: readonly SelectExpression[], scope: Scope): Expression {
  if (key.kind === 'literal' && key.type === 'int') {
    const item = itemAt(key.value, items, 'group');
    if (aggregatesIn(item.expression).length === 0) return item.expression;
    throw new SqlError(1056, `Can't group on '${nameOf(item)}'`);
  }
  if (key.kind === 'column' && findColumn(scope, key) === undefined) {
    return aliased(key, items) ?? key;
  }
  return key;
}

/** The item a bare integer stands for in GROUP BY and ORDER BY. Throws 1054. */
function itemAt(
  position: Literal['value'],
  items: readonly SelectExpression[],
  clause: 'group' | 'order',
): SelectExpression {
  const item = items[Number(position) - 1];
  if (item !== undefined) return item;
  throw new SqlError(1054, `Unknown column '${position}' in '${clause} statement'`);
}

function aliased(
  reference: ColumnReference,
  items: readonly SelectExpression[],
): Expression | undefined {
  if (reference.table !== undefined) return undefined;
  const name = reference.name.toLowerCase();
  return items.find(({ alias }) => alias?.toLowerCase() === name)?.expression;
}

/** HAVING may speak of aliases. */
function withAliases(
  expression: Expression,
  items: readonly SelectExpression[],
  scope: Scope,
): Expression {
  const replace = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(replace);
    if (typeof node !== 'object' || node === null) return node;
    if ('kind' in node && node.kind === 'column') {
      const reference = node as ColumnReference;
      if (findColumn(scope, reference) !== undefined) return node;
      return aliased(reference, items) ?? node;
    }
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, replace(value)]));
  };
  return replace(expression) as Expression;
}

function aggregate(call: AggregateCall, resolver: ScopeResolver): Aggregate {
  const supported = ['COUNT', 'SUM', 'MIN', 'MAX', 'AVG', 'GROUP_CONCAT'];
  if (!supported.includes(call.name) || call.orderBy.length > 0) {
    throw new SqlError(1235, `This version of TiDB doesn't yet support '${call.name}'`);
  }
  const args = call.args.map((arg) => compile(arg, resolver));
  const name = call.name as Aggregate['name'];
  const { distinct, separator } = call;
  return { name, distinct, args, separator: separator ?? ',', type: aggregateType(name, args) };
}

/** Where keys and aggregates lie in the output of the aggregation. */
class GroupedPlaces {
  private readonly byText = new Map<string, number>();
  private readonly byColumn = new Map<number, number>();

  constructor(
    keys: readonly Expression[],
    compiled: readonly Compiled[],
    calls: readonly string[],
  ) {
    for (const [i, key] of keys.entries()) {
      this.byText.set(restoreExpression(key), i);
      const column = compiled[i]?.column;
      if (column !== undefined) this.byColumn.set(column, i);
    }
    for (const [i, text] of calls.entries()) this.byText.set(text, keys.length + i);
  }

  ofExpression(expression: Expression): number | undefined {
    const mayBe = expression.kind !== 'literal' && expression.kind !== 'parameter';
    return mayBe ? this.byText.get(restoreExpression(expression)) : undefined;
  }

  ofColumn(column: number): number | undefined {
    return this.byColumn.get(column);
  }
}

class GroupedResolver extends PlanResolver {
  private readonly input: Scope;
  private readonly places: GroupedPlaces;

  constructor(env: PlanEnvironment, input: Scope, places: GroupedPlaces, plan: Plan) {
    super(env, input, plan);
    this.input = input;
    this.places = places;
  }

  override replaced(expression: Expression): Compiled | undefined {
    const at = this.places.ofExpression(expression);
    return at === undefined ? undefined : this.output(at);
  }

  override ownColumn(reference: ColumnReference): Compiled | undefined {
    const column = super.ownColumn(reference)?.column;
    if (column === undefined) return undefined;
    const at = this.places.ofColumn(column);
    if (at !== undefined) return this.output(at);
    const { table } = this.input[column] as ScopeColumn;
    const name = `${table}.${reference.name}`;
    throw new SqlError(
      1055,
      `Expression of SELECT list is not in GROUP BY clause and contains nonaggregated column '${name}' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by`,
    );
  }

  private output(at: number): Compiled {
    return columnAt(at, this.plan.types[at] as Compiled['type']);
  }
}

function ordered(
  select: Select,
  items: readonly SelectExpression[],
  resolver: PlanResolver,
  scope: Scope,
  env: PlanEnvironment,
): Plan {
  const keys = select.orderBy.map(({ expression, descending }) => ({
    compiled: compile(orderExpression(expression, items, scope), resolver),
    descending,
  }));
  return sortAndLimit(resolver.plan, keys, select.orderBy, select.limit, env);
}

/** ORDER BY 1, an alias before a column, or any expression. */
function orderExpression(
  expression: Expression,
  items: readonly SelectExpression[],
  scope: Scope,
): Expression {
  if (expression.kind === 'literal' && expression.type === 'int') {
    return itemAt(expression.value, items, 'order').expression;
  }
  if (expression.kind === 'column') return aliased(expression, items) ?? expression;
  return withAliases(expression, items, scope);
}

/** ORDER BY and LIMIT on top of a plan; both together keep only what is needed. */
export function sortAndLimit(
  plan: Plan,
  keys: readonly SortKey[],
  orderBy: readonly OrderItem[],
  limit: LimitClause | undefined,
  env: PlanEnvironment,
): Plan {
  const by = orderBy
    .map(
      ({ expression, descending }) => restoreExpression(expression) + (descending ? ':desc' : ''),
    )
    .join(', ');
  if (limit === undefined) return keys.length === 0 ? plan : new Sort(plan, keys, by);
  const window = windowFor(limit, env);
  const text = `offset:${limit.offset === undefined ? 0 : restoreExpression(limit.offset)}, count:${restoreExpression(limit.count)}`;
  return keys.length === 0
    ? new Limit(plan, window, text)
    : new TopN(plan, keys, window, `${by}, ${text}`);
}

function windowFor(limit: LimitClause, env: PlanEnvironment): RowWindow {
  const resolver = new ScopeResolver(env, []);
  const offset = limit.offset === undefined ? undefined : compile(limit.offset, resolver);
  return { count: compile(limit.count, resolver), offset };
}

function project(plan: Plan, outputs: readonly Compiled[], names: readonly string[]): Plan {
  const same =
    outputs.length === plan.types.length && outputs.every(({ column }, i) => column === i);
  return same ? plan : new Projection(plan, outputs, names.join(', '));
}

/** DISTINCT: duplicates go before ORDER BY, which may then only speak of the select list. */
function planDistinct(
  select: Select,
  child: Plan,
  items: readonly SelectExpression[],
  outputs: readonly Compiled[],
  names: readonly string[],
  env: PlanEnvironment,
): PlannedQuery {
  const projected = new Projection(child, outputs, names.join(', '));
  const keys = projected.types.map((type, i) => columnAt(i, type));
  const plan = new HashAgg(projected, keys, [], `group by:${names.join(', ')}`);
  const sortKeys = select.orderBy.map(({ expression, descending }) => {
    const at = outputOf(expression, items);
    return { compiled: columnAt(at, plan.types[at] as Compiled['type']), descending };
  });
  return { plan: sortAndLimit(plan, sortKeys, select.orderBy, select.limit, env), names };
}

/** Position of the select list's item that a key of ORDER BY means. Throws 3065. */
export function outputOf(expression: Expression, items: readonly SelectExpression[]): number {
  if (expression.kind === 'literal' && expression.type === 'int') {
    return items.indexOf(itemAt(expression.value, items, 'order'));
  }
  const text = restoreExpression(expression);
  const at = items.findIndex(
    (item) =>
      restoreExpression(item.expression) === text ||
      (expression.kind === 'column' &&
        expression.table === undefined &&
        nameOf(item).toLowerCase() === expression.name.toLowerCase()),
  );
  if (at >= 0) return at;
  throw new SqlError(
    3065,
    `Expression #1 of ORDER BY clause is not in SELECT list, references column '${text}' which is not in SELECT list; this is incompatible with DISTINCT`,
  );
}
