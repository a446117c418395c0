import { type ColumnCondition, type Limit, RangeBuilder } from '../../executor/ranges.ts';
import type { Expression } from '../ast.ts';
import type { ColumnInfo, IndexInfo, TableInfo } from '../catalog.ts';
import { isWrapped, type SqlType, storageKind } from '../catalog-type.ts';
import { type BoundedTable, type Bounding, boundings } from './bounding.ts';
import type { TableEstimate } from './estimate.ts';
import type { IndexChoice } from './hints.ts';
import { rangeText } from './range-text.ts';
import type { PlanEnvironment } from './scope.ts';

/** Reading the records or an index, between the limits that conditions set. */
export interface AccessPath {
  /** Undefined: the records. */
  readonly index: IndexInfo | undefined;
  readonly ranges: RangeBuilder;
  /** Offsets of the columns it comes in order of, as long as values sort as keys do. */
  readonly order: readonly number[];
  /** Columns that have one value in all rows it gives. */
  readonly fixed: ReadonlySet<number>;
  /** Conditions that its ranges fulfil. */
  readonly fulfilled: ReadonlySet<Expression>;
  /** The index holds all columns wanted. */
  readonly covers: boolean;
  /** Columns bounded, and a half for a last one that lies between limits. */
  readonly score: number;
  /** Rows expected. */
  readonly rows: number;
  /** All of a unique key is known: so many rows at most; undefined: any number. */
  readonly points: number | undefined;
  /** For EXPLAIN: `range:["acc1","acc1"]`, or nothing for a full scan. */
  readonly text: string;
}

/** What is asked of a table. */
export interface AccessRequest extends BoundedTable {
  /** What the statement calls the table. */
  readonly alias: string;
  /** Conditions that hold for every row wanted, and that stores may check. */
  readonly conditions: readonly Expression[];
}

/** All ways to reach a table's rows, the records first; hints leave some out. */
export function accessPaths(
  request: AccessRequest,
  estimate: TableEstimate,
  env: PlanEnvironment,
): AccessPath[] {
  const { table } = request;
  const bounds = boundings(request, request.conditions, env);
  const records = pathOf(request, undefined, table.clustered ? bounds : [], estimate);
  const choices = env.hints.indexes.filter((choice) => choice.table === request.alias);
  const indexes = allowedIndexes(table, choices).map((index) =>
    pathOf(request, index, bounds, estimate),
  );
  const used = choices
    .filter(({ action }) => action === 'use')
    .flatMap(({ indexes: names }) => names);
  if (used.length > 0 && indexes.length > 0 && !used.includes('primary')) return indexes;
  return [records, ...indexes];
}

function allowedIndexes(table: TableInfo, choices: readonly IndexChoice[]): readonly IndexInfo[] {
  const named = (action: IndexChoice['action']): readonly string[] | undefined => {
    const own = choices.filter((choice) => choice.action === action);
    return own.length === 0 ? undefined : own.flatMap(({ indexes }) => indexes);
  };
  const used = named('use');
  const ignored = named('ignore') ?? [];
  return table.indexes.filter(({ name }) => {
    const lower = name.toLowerCase();
    return (used === undefined || used.includes(lower)) && !ignored.includes(lower);
  });
}

function pathOf(
  request: AccessRequest,
  index: IndexInfo | undefined,
  bounds: readonly Bounding[],
  estimate: TableEstimate,
): AccessPath {
  const { table, wanted } = request;
  const columns = index?.columns ?? table.handle;
  const chosen = new PathBounds(table, columns, bounds, estimate);
  const types = columns.map((offset) => typeAt(table, offset));
  const space = index?.space ?? table.records;
  const sorted = columns.findIndex((offset) => !sortsAsKey(typeAt(table, offset)));
  return {
    index,
    ranges: new RangeBuilder(space, types, chosen.conditions),
    order: sorted < 0 ? columns : columns.slice(0, sorted),
    fixed: chosen.fixed,
    fulfilled: chosen.fulfilled,
    covers: index === undefined || wanted.every((offset) => isHeld(table, index, offset)),
    score: chosen.score,
    rows: Math.max(chosen.part * estimate.rows, chosen.score === 0 ? 0 : 1),
    points: pointsOf(index, columns, chosen),
    text: chosen.text,
  };
}

/** More keys than this are not got one by one. */
const MAX_POINTS = 1024;

/** How many keys a path can lead to, where all of a unique key is bounded by points. */
function pointsOf(
  index: IndexInfo | undefined,
  columns: readonly number[],
  { conditions }: PathBounds,
): number | undefined {
  if (index?.unique === false || columns.length === 0) return undefined;
  if (conditions.length < columns.length) return undefined;
  let points = 1;
  for (const condition of conditions) {
    if (condition.kind !== 'points' || condition.orNull) return undefined;
    points *= condition.values.length;
  }
  return points <= MAX_POINTS ? points : undefined;
}

/** The bounds that a key's leading columns can use. */
class PathBounds {
  readonly conditions: ColumnCondition[] = [];
  readonly fixed = new Set<number>();
  readonly fulfilled = new Set<Expression>();
  score = 0;
  part = 1;
  private readonly used: (readonly Bounding[])[] = [];

  constructor(
    table: TableInfo,
    columns: readonly number[],
    bounds: readonly Bounding[],
    estimate: TableEstimate,
  ) {
    const pointed: number[] = [];
    for (const offset of columns) {
      const own = bounds.filter((bound) => bound.offset === offset);
      const points = own.find(({ condition }) => condition.kind === 'points');
      if (points?.condition.kind === 'points') {
        const { values, orNull } = points.condition;
        const count = values.length + (orNull ? 1 : 0);
        this.take([points], points.condition, 1);
        if (count === 1) this.fixed.add(offset);
        pointed.push(offset);
        this.part *= estimate.equalPart(offset, count);
        if (estimate.isUnique(pointed) && count === 1) {
          this.part = Math.min(this.part, 1 / Math.max(1, estimate.rows));
        }
        continue;
      }
      const interval = ordersAsText(typeAt(table, offset)) ? undefined : mergeIntervals(own);
      if (interval === undefined) break;
      this.take(own, interval, 0.5);
      this.part *= estimate.rangePart(interval.low.length > 0, interval.high.length > 0);
      break;
    }
  }

  get text(): string {
    return rangeText(this.used.map((bounds) => bounds.map(({ texts }) => texts)));
  }

  private take(bounds: readonly Bounding[], condition: ColumnCondition, score: number): void {
    this.conditions.push(condition);
    this.used.push(bounds);
    this.score += score;
    for (const { source } of bounds) this.fulfilled.add(source);
  }
}

function mergeIntervals(
  bounds: readonly Bounding[],
): Extract<ColumnCondition, { kind: 'interval' }> | undefined {
  const low: Limit[] = [];
  const high: Limit[] = [];
  for (const { condition } of bounds) {
    if (condition.kind !== 'interval') continue;
    low.push(...condition.low);
    high.push(...condition.high);
  }
  return low.length + high.length === 0 ? undefined : { kind: 'interval', low, high };
}

/** Decimals of many digits are kept as text, which does not sort as they do. */
function ordersAsText(type: SqlType): boolean {
  return type.kind === 'decimal' && storageKind(type) === 'string';
}

/** Whether values come in their order when keys come in theirs. */
function sortsAsKey(type: SqlType): boolean {
  return !ordersAsText(type) && !isWrapped(type);
}

/** Keys hold strings without the blanks at their end: only records have those. */
function isHeld(table: TableInfo, index: IndexInfo, offset: number): boolean {
  if (table.handle.includes(offset)) return true;
  return index.columns.includes(offset) && typeAt(table, offset).kind !== 'string';
}

/** Whether a path gives a column's values without a look at the records. */
export function holds(table: TableInfo, { index }: AccessPath, offset: number): boolean {
  return index === undefined || isHeld(table, index, offset);
}

/** Where a column lies among key values followed by stored values. */
export function positionOf(table: TableInfo, index: IndexInfo | undefined, offset: number): number {
  if (index === undefined) return table.position[offset] as number;
  const indexed = index.columns.indexOf(offset);
  if (indexed >= 0) return indexed;
  const at = table.handle.indexOf(offset);
  return (index.unique ? index.space.keyKinds.length : index.columns.length) + at;
}

/** The type of a table's column. */
export function typeAt(table: TableInfo, offset: number): SqlType {
  return (table.columns[offset] as ColumnInfo).type;
}

/** Reading one row of an index and then its record costs as much as reading so many records. */
const LOOKUP_COST = 5;
/** Rows of an index are narrower than records. */
const INDEX_COST = 0.6;

/** What a path costs, in records read one after the other. */
export function pathCost({ index, covers, rows }: AccessPath): number {
  if (index === undefined) return rows;
  return rows * (covers ? INDEX_COST : LOOKUP_COST);
}

/**
 * The path with most columns bounded wins as long as nothing is known of the table (the records on
 * a tie), the cheapest one otherwise. Source: TiDB's preference for range scans, `skylinePruning`.
 */
export function bestPath(paths: readonly AccessPath[], estimate: TableEstimate): AccessPath {
  const [first, ...rest] = paths as [AccessPath, ...AccessPath[]];
  return rest.reduce((best, path) => {
    const better = estimate.pseudo
      ? path.score > best.score
      : path.score > 0 && pathCost(path) < pathCost(best);
    return better ? path : best;
  }, first);
}
