import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import { IndexLookUp } from '../../executor/index-lookup.ts';
import type { Plan } from '../../executor/plan.ts';
import { type ColumnCondition, type Limit, RangeBuilder } from '../../executor/ranges.ts';
import { type ReaderOptions, TableReader } from '../../executor/table-reader.ts';
import type { Expression } from '../ast.ts';
import type { ColumnInfo, IndexInfo, TableInfo } from '../catalog.ts';
import { type SqlType, storageKind } from '../catalog-type.ts';
import { restoreExpression } from '../restore.ts';
import { findColumn, type PlanEnvironment, type Scope, ScopeResolver } from './scope.ts';

/** Rows a table is taken to have until it is analyzed. Source: TiDB `statistics.PseudoTable`. */
const PSEUDO_ROWS = 10_000;
/** The part of them that a condition on one column is taken to leave. */
const EQUAL_PART = 1000;
const RANGE_PART = 3;

/** A condition that can narrow a range: a column against a constant. */
interface Bounding {
  readonly offset: number;
  readonly condition: ColumnCondition;
  readonly text: string;
}

/** What is read of a table. */
export interface AccessRequest {
  readonly table: TableInfo;
  readonly scope: Scope;
  /** Offsets of the wanted columns, in the order of the scope. */
  readonly wanted: readonly number[];
  /** Conditions that hold for every row wanted; they are checked again above the reader. */
  readonly conditions: readonly Expression[];
}

/**
 * Picks how to reach a table's rows: the records by a range of their key, an index by a prefix of
 * its columns, or all of them. The path with most columns fixed wins, the records on a tie.
 */
export function accessPath(request: AccessRequest, env: PlanEnvironment): Plan {
  const { table } = request;
  const bounds = boundings(request, env);
  const records = pathOf(table, table.handle, table.clustered ? bounds : []);
  let best: { readonly index: IndexInfo; readonly path: Path } | undefined;
  for (const index of table.indexes) {
    const path = pathOf(table, index.columns, bounds);
    if (path.score > (best?.path.score ?? 0)) best = { index, path };
  }
  const rows = env.statistics.rows(table.id) ?? PSEUDO_ROWS;
  const recordReader = recordOptions(request, records, rows);
  if (best === undefined || best.path.score <= records.score) return new TableReader(recordReader);
  return lookUp(request, best.index, best.path, recordOptions(request, EMPTY_PATH, rows), rows);
}

interface Path {
  readonly conditions: readonly ColumnCondition[];
  readonly texts: readonly string[];
  /** Columns fixed, and a bit for a last one that lies between limits. */
  readonly score: number;
}

const EMPTY_PATH: Path = { conditions: [], texts: [], score: 0 };

function pathOf(table: TableInfo, columns: readonly number[], bounds: readonly Bounding[]): Path {
  const conditions: ColumnCondition[] = [];
  const texts: string[] = [];
  for (const offset of columns) {
    const own = bounds.filter((bound) => bound.offset === offset);
    const points = own.find(({ condition }) => condition.kind === 'points');
    if (points !== undefined) {
      conditions.push(points.condition);
      texts.push(points.text);
      continue;
    }
    const interval = ordersAsText(table, offset) ? undefined : mergeIntervals(own);
    if (interval === undefined) break;
    conditions.push(interval);
    texts.push(...own.map(({ text }) => text));
    return { conditions, texts, score: conditions.length - 0.5 };
  }
  return { conditions, texts, score: conditions.length };
}

/** Decimals of many digits are kept as text, which does not sort as they do. */
function ordersAsText(table: TableInfo, offset: number): boolean {
  const type = typeAt(table, offset);
  return type.kind === 'decimal' && storageKind(type) === 'string';
}

function mergeIntervals(bounds: readonly Bounding[]): ColumnCondition | undefined {
  const low: Limit[] = [];
  const high: Limit[] = [];
  for (const { condition } of bounds) {
    if (condition.kind !== 'interval') continue;
    low.push(...condition.low);
    high.push(...condition.high);
  }
  return low.length + high.length === 0 ? undefined : { kind: 'interval', low, high };
}

function recordOptions({ table, wanted }: AccessRequest, path: Path, rows: number): ReaderOptions {
  const types = table.handle.map((offset) => typeAt(table, offset));
  return {
    ranges: new RangeBuilder(table.records, types, path.conditions),
    positions: wanted.map((offset) => table.position[offset] as number),
    types: wanted.map((offset) => typeAt(table, offset)),
    estimate: estimateOf(path, rows),
    table: table.name,
    index: undefined,
    decidedBy: path.texts.join(', '),
  };
}

function lookUp(
  request: AccessRequest,
  index: IndexInfo,
  path: Path,
  records: ReaderOptions,
  rows: number,
): Plan {
  const { table } = request;
  const width = index.columns.length;
  const handleAt = table.handle.map((_, i) =>
    index.unique ? index.space.keyKinds.length + i : width + i,
  );
  const columns = index.columns.map((offset) => (table.columns[offset] as ColumnInfo).name);
  const entries: ReaderOptions = {
    ranges: new RangeBuilder(
      index.space,
      index.columns.map((offset) => typeAt(table, offset)),
      path.conditions,
    ),
    positions: handleAt,
    types: table.handle.map((offset) => typeAt(table, offset)),
    estimate: estimateOf(path, rows),
    table: table.name,
    index: `${index.name}(${columns.join(', ')})`,
    decidedBy: path.texts.join(', '),
  };
  return new IndexLookUp({ table, index: entries, handleAt, records });
}

function typeAt(table: TableInfo, offset: number): SqlType {
  return (table.columns[offset] as ColumnInfo).type;
}

function estimateOf({ score }: Path, rows: number): number {
  if (score === 0) return rows;
  return Math.max(1, rows / (score < 1 ? RANGE_PART : EQUAL_PART));
}

/** Conditions of the form column-against-constant, for columns of this table. */
function boundings(request: AccessRequest, env: PlanEnvironment): Bounding[] {
  const found: Bounding[] = [];
  for (const condition of request.conditions) {
    const bound = boundingOf(condition, request, env);
    if (bound !== undefined) found.push(...bound);
  }
  return found;
}

function boundingOf(
  condition: Expression,
  request: AccessRequest,
  env: PlanEnvironment,
): Bounding[] | undefined {
  if (condition.kind === 'binary') return fromBinary(condition, request, env);
  if (condition.kind === 'in-list' && !condition.negated) {
    const offset = offsetOf(condition.operand, request);
    const values = condition.list.map((item) => constantFor(item, offset, request, env));
    if (offset === undefined || values.some((value) => value === undefined)) return undefined;
    const points = { kind: 'points', values: values as Compiled[], orNull: false } as const;
    return [{ offset, condition: points, text: restoreExpression(condition) }];
  }
  if (condition.kind === 'between' && !condition.negated) {
    const offset = offsetOf(condition.operand, request);
    const low = constantFor(condition.low, offset, request, env);
    const high = constantFor(condition.high, offset, request, env);
    if (offset === undefined || low === undefined || high === undefined) return undefined;
    const interval = {
      kind: 'interval',
      low: [{ value: low, inclusive: true }],
      high: [{ value: high, inclusive: true }],
    } as const;
    return [{ offset, condition: interval, text: restoreExpression(condition) }];
  }
  return undefined;
}

const MIRRORED: Readonly<Record<string, string>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function fromBinary(
  condition: Extract<Expression, { kind: 'binary' }>,
  request: AccessRequest,
  env: PlanEnvironment,
): Bounding[] | undefined {
  const mirrored = MIRRORED[condition.operator];
  if (mirrored === undefined) return undefined;
  const onLeft = offsetOf(condition.left, request);
  const offset = onLeft ?? offsetOf(condition.right, request);
  const other = onLeft === undefined ? condition.left : condition.right;
  const value = constantFor(other, offset, request, env);
  if (offset === undefined || value === undefined) return undefined;
  const operator = onLeft === undefined ? mirrored : condition.operator;
  const text = restoreExpression(condition);
  const limit = [{ value, inclusive: operator.endsWith('=') }];
  if (operator === '=') {
    return [{ offset, condition: { kind: 'points', values: [value], orNull: false }, text }];
  }
  const low = operator.startsWith('>') ? limit : [];
  const high = operator.startsWith('<') ? limit : [];
  return [{ offset, condition: { kind: 'interval', low, high }, text }];
}

function offsetOf(expression: Expression, request: AccessRequest): number | undefined {
  if (expression.kind !== 'column') return undefined;
  const at = findColumn(request.scope, expression);
  return at === undefined ? undefined : request.wanted[at];
}

/** A constant that a key of the column can be made of; undefined where types do not go together. */
function constantFor(
  expression: Expression,
  offset: number | undefined,
  request: AccessRequest,
  env: PlanEnvironment,
): Compiled | undefined {
  const free = expression.kind === 'literal' || expression.kind === 'parameter';
  const signed = expression.kind === 'unary' && expression.operand.kind === 'literal';
  if (offset === undefined || !(free || signed)) return undefined;
  const compiled = compile(expression, new ScopeResolver(env, []));
  const column = typeAt(request.table, offset).kind;
  const value = compiled.type.kind;
  const fits =
    column === value ||
    (column === 'decimal' && value === 'int') ||
    ((column === 'datetime' || column === 'date') && value === 'string');
  return compiled.constant && fits ? compiled : undefined;
}
