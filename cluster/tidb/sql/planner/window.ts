import { SqlError } from '../../../errors.ts';
import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { columnAt } from '../../executor/expression-constant.ts';
import type { SortKey } from '../../executor/order.ts';
import { Projection } from '../../executor/projection.ts';
import { Shuffle, ShuffleReceiver } from '../../executor/shuffle.ts';
import { Sort } from '../../executor/sort.ts';
import { Window, type WindowSpec } from '../../executor/window.ts';
import type { WindowFunction } from '../../executor/window-function.ts';
import type { Expression, Select, SelectExpression, WindowCall } from '../ast.ts';
import { restoreExpression, restoreSpecification } from '../restore.ts';
import { distinctOf, groupEstimate } from './estimate.ts';
import { ascending } from './join-algorithm.ts';
import type { PlanResolver } from './scope.ts';
import { aliased } from './select-list.ts';
import type { Source } from './source.ts';
import { columnsIn, windowsIn } from './walk.ts';
import { plannedFrame } from './window-frame.ts';
import { plannedFunction } from './window-function.ts';
import { type ResolvedWindow, Windows } from './window-specification.ts';
import { functionText, windowText } from './window-text.ts';

/** Calls over one and the same window. */
interface WindowGroup {
  readonly window: ResolvedWindow;
  readonly calls: WindowCall[];
}

/** HAVING must not speak of window functions by their alias. Throws 3594. */
export function refuseWindowAliases(having: Expression, items: readonly SelectExpression[]): void {
  for (const reference of columnsIn(having)) {
    const meant = aliased(reference, items);
    if (meant === undefined || windowsIn(meant).length === 0) continue;
    throw new SqlError(
      3594,
      `You cannot use the alias '${reference.name}' of an expression containing a window function in this context.'`,
    );
  }
}

/**
 * Puts the window functions of the select list and of ORDER BY on top of the resolver's plan, and
 * lets the resolver know where their results are. Windows that are spelled differently but mean
 * the same are one. Source: TiDB `PlanBuilder.buildWindowFunctions`.
 */
export function planWindows(
  select: Select,
  items: readonly SelectExpression[],
  resolver: PlanResolver,
  source: Source,
): void {
  const windows = new Windows(select.windows);
  const calls = windowsIn([items, select.orderBy]);
  let order: RowOrder = [];
  const groups = groupsOf(calls, windows);
  for (const [i, group] of groups.entries()) {
    const next = groups[i + 1];
    const last = next === undefined || !keysOf(group).startsWith(keysOf(next));
    order = new WindowPlanner(group, resolver, source).plan(order, last);
  }
}

/** Groups in order of their keys, so that one sort serves as many as it can. */
function groupsOf(calls: readonly WindowCall[], windows: Windows): WindowGroup[] {
  const groups = new Map<string, WindowGroup>();
  const seen = new Set<string>();
  for (const call of calls) {
    const text = restoreExpression(call);
    if (seen.has(text)) continue;
    seen.add(text);
    const window = windows.of(call);
    const spelled = restoreSpecification({ ...window, base: undefined });
    const group = groups.get(spelled);
    if (group === undefined) groups.set(spelled, { window, calls: [call] });
    else group.calls.push(call);
  }
  const sorted = [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map(([, group]) => group);
}

/** The order that a group wants, as text. */
function keysOf({ window: { partitionBy, orderBy } }: WindowGroup): string {
  const keys = partitionBy.map((expression) => ({ expression, descending: false }));
  return [...keys, ...orderBy]
    .map(({ expression, descending }) => `${restoreExpression(expression)} ${descending};`)
    .join('');
}

/** The order that rows are in. */
type RowOrder = readonly { readonly column: number; readonly descending: boolean }[];

/** An expression that is to be a column of the rows, or may stay a constant. */
interface Wish {
  readonly expression: Expression;
  readonly constant: boolean;
}

/** One Window operator, and the Projection and Sort that it needs. */
class WindowPlanner {
  private readonly group: WindowGroup;
  private readonly resolver: PlanResolver;
  private readonly source: Source;
  /** Labels of what was computed for this window. */
  private readonly labels = new Map<Expression, string>();

  constructor(group: WindowGroup, resolver: PlanResolver, source: Source) {
    this.group = group;
    this.resolver = resolver;
    this.source = source;
  }

  /**
   * Answers the order the rows come out in.
   *
   * @param before the order they are in
   * @param last no window above makes use of that order
   */
  plan(before: RowOrder, last: boolean): RowOrder {
    const { window, calls } = this.group;
    const { resolver } = this;
    const keys = [...window.partitionBy, ...window.orderBy.map(({ expression }) => expression)];
    const args = calls.flatMap(({ call }) => call.args);
    const columns = this.columns([
      ...keys.map((expression) => ({ expression, constant: false })),
      ...args.map((expression) => ({ expression, constant: true })),
    ]);
    const partitionBy = columns.slice(0, window.partitionBy.length);
    const orderBy = window.orderBy.map(({ descending }, i): SortKey => {
      return { compiled: columns[partitionBy.length + i] as Compiled, descending };
    });
    let at = keys.length;
    const functions = calls.map((each) => {
      const own = columns.slice(at, at + each.call.args.length);
      at += own.length;
      return plannedFunction(each, own);
    });
    const frame = plannedFrame(window, orderBy, resolver.env);
    const workers = last ? this.workers(partitionBy) : 1;
    const order = this.sort([...partitionBy.map(ascending), ...orderBy], before, workers > 1);
    this.put({ name: window.name, partitionBy, orderBy, frame, functions });
    const { plan } = resolver;
    const receiver = plan.inputs[0]?.inputs[0];
    if (!(receiver instanceof ShuffleReceiver)) return order;
    resolver.plan = new Shuffle({ tail: plan, receiver, keys: partitionBy, concurrency: workers });
    return [];
  }

  /** What is no column yet is computed in a projection below. */
  private columns(wishes: readonly Wish[]): Compiled[] {
    const { resolver } = this;
    const { texts } = resolver.env;
    const compiled = wishes.map(({ expression }) => compile(expression, resolver));
    const { types } = resolver.plan;
    const items = types.map((type, at) => columnAt(at, type));
    const shown = resolver.columnLabels();
    const columns = compiled.map((each, i) => {
      const { expression, constant } = wishes[i] as Wish;
      if (each.column !== undefined || (constant && each.constant)) return each;
      const text = this.text(expression);
      const label = texts?.newColumn() ?? '';
      this.labels.set(expression, label);
      shown.push(`${text}->${label}`);
      items.push(each);
      return columnAt(items.length - 1, each.type);
    });
    if (items.length > types.length) {
      resolver.plan = new Projection(resolver.plan, items, shown.join(', '));
    }
    return columns;
  }

  /** Brings the rows in order, unless they are. */
  private sort(keys: readonly SortKey[], before: RowOrder, shuffled: boolean): RowOrder {
    const { resolver, source } = this;
    const order = keys.map(({ compiled, descending }) => {
      return { column: compiled.column as number, descending };
    });
    if (beginsWith(before, order)) return before;
    const descending = order[0]?.descending === true;
    const oneWay = order.every((key) => key.descending === descending);
    const leaf = resolver.plan === source.plan && oneWay ? source.leaf : undefined;
    const columns = order.map(({ column }) => column);
    const read = leaf?.ordered({ columns, descending });
    const rows = shuffled ? new ShuffleReceiver(resolver.plan) : resolver.plan;
    resolver.plan = read ?? new Sort(rows, keys, this.orderText());
    return order;
  }

  /**
   * How many work on the partitions, if those are to be sorted first. Source: TiDB
   * `optimizeByShuffle4Window`.
   */
  private workers(partitionBy: readonly Compiled[]): number {
    if (partitionBy.length === 0) return 1;
    const { resolver } = this;
    const { plan, session } = resolver;
    resolver.volatile();
    const [own, all] = ['tidb_window_concurrency', 'tidb_executor_concurrency'].map((name) =>
      Number(session.systemVariable(name, false).value),
    ) as [number, number];
    const values = partitionBy.map(({ column }) => {
      return resolver.distinctAt(column as number) ?? distinctOf(plan.estimate);
    });
    return Math.floor(Math.min(own > 0 ? own : all, groupEstimate(plan.estimate, values)));
  }

  private orderText(): string {
    const { texts } = this.resolver.env;
    const { partitionBy, orderBy } = this.group.window;
    const keys = partitionBy.map((expression) => ({ expression, descending: false }));
    return texts?.order([...keys, ...orderBy], (each) => this.label(each)) ?? '';
  }

  /** Adds the operator; from now on its results stand for the calls. */
  private put(spec: WindowSpec): void {
    const { window, calls } = this.group;
    const { resolver } = this;
    const { texts } = resolver.env;
    const first = resolver.plan.types.length;
    const results = calls.map(() => texts?.newColumn() ?? '');
    const shown = spec.functions.map((fn, i) => {
      const args = (calls[i] as WindowCall).call.args.map((arg) => this.text(arg));
      return `${functionText(fn, args)}->${results[i]}`;
    });
    const over = windowText(window, (each) => this.text(each));
    resolver.plan = new Window(resolver.plan, spec, `${shown.join(', ')} over(${over})`);
    for (const [i, call] of calls.entries()) {
      const { type } = spec.functions[i] as WindowFunction;
      resolver.stand(call, columnAt(first + i, type), results[i] as string);
    }
  }

  private text(expression: Expression): string {
    return this.resolver.env.texts?.expression(expression, (each) => this.label(each)) ?? '';
  }

  private label(expression: Expression): string | undefined {
    return this.labels.get(expression) ?? this.resolver.label(expression);
  }
}

function beginsWith(order: RowOrder, wanted: RowOrder): boolean {
  return wanted.every(({ column, descending }, i) => {
    return order[i]?.column === column && order[i]?.descending === descending;
  });
}
