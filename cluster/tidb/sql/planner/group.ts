import { SqlError } from '../../../errors.ts';
import { type Aggregate, aggregateType } from '../../executor/aggregate.ts';
import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { columnAt } from '../../executor/expression-constant.ts';
import type { Plan } from '../../executor/plan.ts';
import type {
  AggregateCall,
  ColumnReference,
  Expression,
  Select,
  SelectExpression,
  WindowCall,
} from '../ast.ts';
import { restoreExpression } from '../restore.ts';
import { type Aggregation, aggregation } from './aggregation.ts';
import { distinctOf } from './estimate.ts';
import {
  findColumn,
  type PlanEnvironment,
  PlanResolver,
  type Scope,
  type ScopeColumn,
  type ScopeResolver,
} from './scope.ts';
import { aliased, itemAt, nameOf } from './select-list.ts';
import type { Source } from './source.ts';
import { aggregatesIn, columnsIn, walk, windowParts } from './walk.ts';

/** GROUP BY and aggregates; undefined where the query has neither. Throws 1055, 1056. */
export function group(
  select: Select,
  items: readonly SelectExpression[],
  resolver: PlanResolver,
  source: Source,
): PlanResolver | undefined {
  const above = [items, select.having ?? [], select.orderBy, select.windows];
  const calls = aggregatesIn(above);
  if (calls.length === 0 && select.groupBy.length === 0) return undefined;
  const { scope } = source;
  const keys = select.groupBy.map(({ expression }) => keyOf(expression, items, scope));
  const compiled = keys.map((key) => compile(key, resolver));
  const distinctCalls = new Map<string, AggregateCall>();
  for (const call of calls) distinctCalls.set(restoreExpression(call), call);
  const unique = [...distinctCalls.values()];
  const aggregates = unique.map((call) => aggregate(call, resolver));
  const kept = keptKeys(keys, compiled, above, scope);
  // Something must be there for groups to be counted by.
  if (unique.length === 0 && !kept.includes(true)) kept[0] = true;
  const places = new GroupedPlaces(keys, compiled, kept, [...distinctCalls.keys()]);
  const wish: Aggregation = {
    keys,
    compiledKeys: compiled,
    kept,
    calls: unique,
    aggregates,
    distinct: keyValues(compiled, source),
    // Nothing has been put between the table's reader and its rows.
    leaf: resolver.plan === source.plan ? source.leaf : undefined,
    order: undefined,
  };
  const { plan, labels } = aggregation(wish, resolver);
  return new GroupedResolver(resolver.env, scope, { places, labels }, plan);
}

function keyValues(keys: readonly Compiled[], { scope, plan }: Source): number[] {
  return keys.map(({ column }) =>
    column === undefined || column >= scope.length
      ? distinctOf(plan.estimate)
      : (scope[column] as ScopeColumn).distinct,
  );
}

/**
 * Which keys somebody above asks for: TiDB keeps a FIRST_ROW of each. A subquery asks for whatever
 * its names might mean here.
 */
function keptKeys(
  keys: readonly Expression[],
  compiled: readonly Compiled[],
  above: readonly unknown[],
  scope: Scope,
): boolean[] {
  const texts = new Set<string>();
  const columns = new Set<number>();
  const visit = (node: { kind: string }): boolean => {
    if (node.kind === 'aggregate') return false;
    if (node.kind === 'window') {
      walk(windowParts(node as WindowCall), visit);
      return false;
    }
    if (node.kind === 'column') {
      const at = findColumn(scope, node as ColumnReference);
      if (at !== undefined) columns.add(at);
    }
    if (node.kind === 'select' || node.kind === 'set-operation') {
      for (const at of mayMean(columnsIn(node), scope)) columns.add(at);
      return false;
    }
    if (node.kind !== 'expression') texts.add(restoreExpression(node as Expression));
    return true;
  };
  walk(above, visit);
  return keys.map((key, i) => {
    const { column } = compiled[i] as Compiled;
    return (column !== undefined && columns.has(column)) || texts.has(restoreExpression(key));
  });
}

/** Positions in a scope of all columns that have one of some names. */
function mayMean(references: readonly ColumnReference[], scope: Scope): number[] {
  const names = new Set(references.map(({ name }) => name.toLowerCase()));
  return [...scope.keys()].filter((at) => names.has((scope[at] as ScopeColumn).name));
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

const SUPPORTED: ReadonlySet<string> = new Set([
  ...['COUNT', 'SUM', 'MIN', 'MAX', 'AVG', 'GROUP_CONCAT', 'BIT_AND', 'BIT_OR', 'BIT_XOR'],
]);

/** An aggregate ready to run. Throws 1235. */
export function aggregate(call: AggregateCall, resolver: ScopeResolver): Aggregate {
  if (!SUPPORTED.has(call.name) || call.orderBy.length > 0) {
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
    kept: readonly boolean[],
    calls: readonly string[],
  ) {
    let at = 0;
    for (const [i, key] of keys.entries()) {
      if (kept[i] !== true) continue;
      this.byText.set(restoreExpression(key), at);
      const column = compiled[i]?.column;
      if (column !== undefined) this.byColumn.set(column, at);
      at++;
    }
    for (const text of calls) this.byText.set(text, at++);
  }

  ofExpression(expression: Expression): number | undefined {
    const mayBe = expression.kind !== 'literal' && expression.kind !== 'parameter';
    return mayBe ? this.byText.get(restoreExpression(expression)) : undefined;
  }

  ofColumn(column: number): number | undefined {
    return this.byColumn.get(column);
  }
}

/** What a grouped query's names lead to. */
interface GroupedNames {
  readonly places: GroupedPlaces;
  /** What EXPLAIN calls the output's columns. */
  readonly labels: readonly string[];
}

class GroupedResolver extends PlanResolver {
  private readonly input: Scope;
  private readonly names: GroupedNames;

  constructor(env: PlanEnvironment, input: Scope, names: GroupedNames, plan: Plan) {
    super(env, input, plan);
    this.input = input;
    this.names = names;
  }

  override replaced(expression: Expression): Compiled | undefined {
    const at = this.names.places.ofExpression(expression);
    return at === undefined ? super.replaced(expression) : this.output(at);
  }

  override label(expression: Expression): string | undefined {
    const at = this.names.places.ofExpression(expression);
    return at === undefined ? super.label(expression) : this.names.labels[at];
  }

  override ownColumn(reference: ColumnReference): Compiled | undefined {
    const column = super.ownColumn(reference)?.column;
    if (column === undefined) return undefined;
    const at = this.names.places.ofColumn(column);
    if (at !== undefined) return this.output(at);
    const { table } = this.input[column] as ScopeColumn;
    const name = `${table}.${reference.name}`;
    throw new SqlError(
      1055,
      `Expression of SELECT list is not in GROUP BY clause and contains nonaggregated column '${name}' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by`,
    );
  }

  override distinctAt(): undefined {
    return undefined;
  }

  protected override firstLabels(): readonly string[] {
    return this.names.labels;
  }

  private output(at: number): Compiled {
    return columnAt(at, this.plan.types[at] as Compiled['type']);
  }
}
