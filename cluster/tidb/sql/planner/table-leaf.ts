import type { Aggregate } from '../../executor/aggregate.ts';
import type { Compiled } from '../../executor/context.ts';
import type { CopPlan, CopSelection } from '../../executor/cop-plan.ts';
import { compile } from '../../executor/expression.ts';
import { columnAt } from '../../executor/expression-constant.ts';
import { Limit } from '../../executor/limit.ts';
import { LookUpRanges } from '../../executor/look-up-ranges.ts';
import type { SortKey } from '../../executor/order.ts';
import type { Plan } from '../../executor/plan.ts';
import { PointGet } from '../../executor/point-get.ts';
import { RangeBuilder } from '../../executor/ranges.ts';
import { Selection } from '../../executor/selection.ts';
import { type ReaderOptions, TableReader } from '../../executor/table-reader.ts';
import { TopN } from '../../executor/top-n.ts';
import type { Expression } from '../ast.ts';
import type { ColumnInfo, IndexInfo, TableInfo } from '../catalog.ts';
import {
  type AccessPath,
  type AccessRequest,
  accessPaths,
  bestPath,
  holds,
  pathCost,
  positionOf,
  typeAt,
} from './access-path.ts';
import { boundings } from './bounding.ts';
import { SELECTION_PART, TableEstimate } from './estimate.ts';
import { indexLookUp, type LookUpTop } from './index-look-up.ts';
import type { FirstRows, PushedLimit, PushedTexts } from './pushed-limit.ts';
import { type PlanEnvironment, ScopeResolver } from './scope.ts';

/** In which order rows are wanted. */
export interface WantedOrder {
  /** Positions in the leaf's scope. */
  readonly columns: readonly number[];
  readonly descending: boolean;
}

/** Partial results out of the stores, and how their groups come. */
export interface PushedAggregation {
  readonly plan: Plan;
  /** Groups come in order of the keys. */
  readonly ordered: boolean;
}

/**
 * A table of FROM with the conditions that are its own. How it is read is decided when it is known
 * what is made of its rows: the stores may aggregate them, sort them or leave most of them out.
 */
export class TableLeaf {
  readonly request: AccessRequest;
  readonly estimate: TableEstimate;
  private readonly env: PlanEnvironment;
  private readonly paths: readonly AccessPath[];
  private readonly best: AccessPath;
  private readonly resolver: ScopeResolver;

  constructor(request: AccessRequest, env: PlanEnvironment) {
    this.request = request;
    this.env = env;
    this.estimate = new TableEstimate(request.table, env.statistics);
    this.paths = accessPaths(request, this.estimate, env);
    this.best = bestPath(this.paths, this.estimate);
    this.resolver = new ScopeResolver(env, request.scope);
  }

  /** Its rows in any order. */
  reader(): Plan {
    return this.read(this.best);
  }

  /** The first of its rows; undefined if stores cannot see to it. */
  limited(limit: PushedLimit): FirstRows | undefined {
    const { best } = this;
    const { window, pushed } = limit;
    if (best.covers) {
      return { plan: this.read(best, {}, { kind: 'limit', window, ...pushed }), exact: false };
    }
    if (!this.looksUpAll(best)) return undefined;
    const around = (whole: Plan): Plan => new Limit(whole, window, '');
    return { plan: this.lookUp(best, {}, { limit, around }), exact: true };
  }

  /** The first of an order, of each region at least. */
  top(keys: readonly SortKey[], { window, pushed }: PushedLimit): Plan | undefined {
    const { best } = this;
    if (best.covers) return this.read(best, {}, { kind: 'top-n', keys, window, ...pushed });
    const offsets = keys.map(({ compiled: { column } }) => this.offsetAt(column));
    const held = offsets.every((at) => at !== undefined && holds(this.request.table, best, at));
    if (!held || !this.looksUpAll(best)) return undefined;
    const sorted = keys.map(({ descending }, i) => ({ offset: offsets[i] as number, descending }));
    return this.lookUp(best, {}, { limit: { window, pushed, text: '' }, sorted });
  }

  /**
   * Its rows in an order that keys have of themselves; undefined if that costs more than sorting.
   */
  ordered({ columns, descending }: WantedOrder): Plan | undefined {
    const path = this.pathInOrder(columns);
    return path === undefined ? undefined : this.read(path, { keepOrder: true, descending });
  }

  /** The first of its rows in an order that keys have of themselves. */
  firstInOrder({ columns, descending }: WantedOrder, limit: PushedLimit): FirstRows | undefined {
    const path = this.pathInOrder(columns);
    const order = { keepOrder: true, descending };
    const { window, pushed } = limit;
    if (path !== undefined) {
      return { plan: this.read(path, order, { kind: 'limit', window, ...pushed }), exact: false };
    }
    const found = this.lookUpInOrder(columns, pushed.estimate);
    if (found === undefined) return undefined;
    const keys = columns.map((at) => {
      const type = typeAt(this.request.table, this.request.wanted[at] as number);
      return { compiled: columnAt(at, type), descending };
    });
    const around = (whole: Plan): Plan => new TopN(whole, keys, window, '');
    return { plan: this.lookUp(found, order, { limit, around }), exact: true };
  }

  /** The positions in the scope of the records' key, as far as they are wanted. */
  get keyOrder(): number[] {
    const { table, wanted } = this.request;
    const order: number[] = [];
    for (const offset of table.handle) {
      const at = wanted.indexOf(offset);
      if (at < 0) break;
      order.push(at);
    }
    return order;
  }

  /** Partial results of an aggregation; undefined if stores cannot compute them. */
  aggregated(
    keys: readonly Compiled[],
    aggregates: readonly Aggregate[],
    wish: 'HASH_AGG' | 'STREAM_AGG' | undefined,
    texts: PushedTexts,
  ): PushedAggregation | undefined {
    const columns = keys.map(({ column }) => column);
    const plain = columns.every((column) => column !== undefined);
    const path =
      plain && wish !== 'HASH_AGG' && keys.length > 0
        ? this.pathInOrder(columns as number[], true)
        : undefined;
    const found = path ?? this.best;
    if (!found.covers) return undefined;
    const ordered = path !== undefined;
    const kind = ordered || keys.length === 0 ? 'stream-agg' : 'hash-agg';
    const then = { kind, keys, aggregates, ...texts } as const;
    return { plan: this.read(found, { keepOrder: ordered, descending: false }, then), ordered };
  }

  /**
   * Its rows by values of some columns that are known when it runs; undefined if neither the
   * records' key nor an index begins with any of them.
   *
   * @param columns positions in the scope; undefined for what is no column
   * @param text for EXPLAIN: what decides the ranges
   */
  lookedUp(
    columns: readonly (number | undefined)[],
    text: string,
  ): { readonly plan: Plan; readonly ranges: LookUpRanges } | undefined {
    const { table, wanted } = this.request;
    const offsets = columns.map((at) => (at === undefined ? undefined : wanted[at]));
    let best: { readonly path: AccessPath; readonly used: readonly number[] } | undefined;
    for (const path of this.paths) {
      const key = path.index?.columns ?? (table.clustered ? table.handle : []);
      const used: number[] = [];
      for (const offset of key) {
        const at = offsets.indexOf(offset);
        if (at < 0) break;
        used.push(at);
      }
      if (used.length > (best?.used.length ?? 0)) best = { path, used };
    }
    if (best === undefined) return undefined;
    const { path, used } = best;
    const ranges = new LookUpRanges(path.ranges, used);
    const rows = Math.max(1, this.estimate.rows * this.equalPart(used.map((at) => offsets[at])));
    const points = undefined;
    const bounded = { ...path, ranges, rows, points, fulfilled: NONE, text };
    return { plan: this.read(bounded), ranges };
  }

  private equalPart(offsets: readonly (number | undefined)[]): number {
    const known = offsets as readonly number[];
    if (this.estimate.isUnique(known)) return 0;
    return known.reduce((part, offset) => part * this.estimate.equalPart(offset, 1), 1);
  }

  /** A path whose order begins with these columns, those of one value aside. */
  private pathInOrder(columns: readonly number[], anyOrder = false): AccessPath | undefined {
    const offsets = columns.map((at) => this.request.wanted[at] as number);
    const usable = this.paths.filter(
      (path) =>
        path.covers &&
        pathCost(path) <= 2 * pathCost(this.best) &&
        path.score >= this.best.score &&
        beginsWith(path, offsets, anyOrder),
    );
    return usable.length === 0 ? undefined : bestPath(usable, this.estimate);
  }

  /** An index that has the order, where looking up as few rows costs less than reading all. */
  private lookUpInOrder(columns: readonly number[], rows: number): AccessPath | undefined {
    const offsets = columns.map((at) => this.request.wanted[at] as number);
    return this.paths.find(
      (path) =>
        this.looksUpAll(path) &&
        beginsWith(path, offsets, false) &&
        pathCost({ ...path, rows: Math.min(rows, path.rows) }) < pathCost(this.best),
    );
  }

  /** Whether every entry of an index leads to a row that is wanted. */
  private looksUpAll({ covers, points, fulfilled }: AccessPath): boolean {
    return (
      !covers && points === undefined && this.request.conditions.every((c) => fulfilled.has(c))
    );
  }

  private offsetAt(column: number | undefined): number | undefined {
    return column === undefined ? undefined : this.request.wanted[column];
  }

  private read(
    path: AccessPath,
    order: Pick<ReaderOptions, 'keepOrder' | 'descending'> = {},
    top?: CopPlan['top'],
  ): Plan {
    const rest = this.request.conditions.filter((each) => !path.fulfilled.has(each));
    const selection = this.selection(rest, path.rows);
    if (path.points !== undefined && top === undefined && order.keepOrder !== true) {
      return filteredBy(this.pointGet(path, path.points), selection);
    }
    if (path.covers) {
      const pushed = (selection ?? top) ? { selection, top } : undefined;
      return new TableReader({ ...this.options(path), ...order, pushed });
    }
    return filteredBy(this.lookUp(path), selection);
  }

  private selection(conditions: readonly Expression[], rows: number): CopSelection | undefined {
    if (conditions.length === 0) return undefined;
    const compiled = conditions.map((condition) => compile(condition, this.resolver));
    const part = this.filterPart(conditions);
    const info = this.resolver.describe(conditions);
    return { conditions: compiled, info, estimate: rows * part };
  }

  /** The part of rows that conditions let pass. */
  private filterPart(conditions: readonly Expression[]): number {
    const bounds = boundings(this.request, conditions, this.env);
    const known = bounds.reduce((part, { offset, condition }) => {
      if (condition.kind === 'interval') {
        return part * this.estimate.rangePart(condition.low.length > 0, condition.high.length > 0);
      }
      const values = condition.values.length + (condition.orNull ? 1 : 0);
      return part * this.estimate.equalPart(offset, values);
    }, 1);
    return bounds.length < conditions.length ? known * SELECTION_PART : known;
  }

  private pointGet(path: AccessPath, points: number): Plan {
    const { table, wanted, alias } = this.request;
    const { index } = path;
    const key = index === undefined ? 'handle' : 'index';
    return new PointGet({
      ...{ table, index, points: path.ranges, several: points !== 1 },
      positions: wanted.map((offset) => positionOf(table, undefined, offset)),
      types: wanted.map((offset) => typeAt(table, offset)),
      estimate: points,
      access: `table:${alias}${index === undefined ? '' : `, index:${indexText(table, index)}`}`,
      info: path.text.replace('range', key),
    });
  }

  private options(path: AccessPath): ReaderOptions {
    const { table, wanted, alias } = this.request;
    const { index } = path;
    return {
      ranges: path.ranges,
      positions: wanted.map((offset) => positionOf(table, index, offset)),
      types: wanted.map((offset) => typeAt(table, offset)),
      estimate: path.rows,
      table: alias,
      index: index === undefined ? undefined : indexText(table, index),
      decidedBy: path.text,
      pseudo: this.estimate.pseudo,
    };
  }

  private lookUp(
    path: AccessPath,
    order: Pick<ReaderOptions, 'keepOrder' | 'descending'> = {},
    top?: LookUpTop,
  ): Plan {
    const { table, conditions } = this.request;
    const index = path.index as IndexInfo;
    const whole: AccessPath = { ...path, index: undefined, ranges: allRecords(table), text: '' };
    const selection = this.selection(conditions, path.rows);
    const pushed = selection === undefined ? undefined : { selection, top: undefined };
    const records = { ...this.options(whole), pushed };
    const entries = { ...this.options(path), ...order };
    return indexLookUp({ table, index, entries, records }, top);
  }
}

const NONE: ReadonlySet<Expression> = new Set();

/** Rows that fulfil what the stores have not checked. */
function filteredBy(plan: Plan, selection: CopSelection | undefined): Plan {
  if (selection === undefined) return plan;
  const { conditions, info, estimate } = selection;
  return new Selection(plan, conditions, info).expecting(estimate);
}

function allRecords(table: TableInfo): RangeBuilder {
  return new RangeBuilder(table.records, [], []);
}

function indexText(table: TableInfo, index: IndexInfo): string {
  const columns = index.columns.map((offset) => (table.columns[offset] as ColumnInfo).name);
  return `${index.name}(${columns.join(', ')})`;
}

function beginsWith(path: AccessPath, offsets: readonly number[], anyOrder: boolean): boolean {
  if (anyOrder) {
    const wanted = new Set(offsets.filter((offset) => !path.fixed.has(offset)));
    for (const offset of path.order) {
      if (wanted.size === 0) return true;
      if (!path.fixed.has(offset) && !wanted.delete(offset)) return false;
    }
    return wanted.size === 0;
  }
  let at = 0;
  for (const offset of offsets) {
    if (path.fixed.has(offset)) continue;
    while (
      at < path.order.length &&
      path.order[at] !== offset &&
      path.fixed.has(path.order[at] as number)
    )
      at++;
    if (path.order[at] !== offset) return false;
    at++;
  }
  return true;
}
