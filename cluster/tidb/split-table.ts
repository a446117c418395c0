import { SqlError } from '../errors.ts';
import { encodeTuple, type KeySpace, type Stored } from '../key.ts';
import type { QueryResult } from '../session.ts';
import type { Wait } from '../sim/index.ts';
import { okResult } from './run-statement.ts';
import type { BoundStatement, SqlSession } from './session.ts';
import { evaluateAlone } from './set-statement.ts';
import type { ColumnInfo, TableInfo } from './sql/catalog.ts';
import { keyValue } from './sql/catalog-keys.ts';
import type { Expression, SplitTable } from './sql/index.ts';
import { storedDatum } from './stored-datum.ts';

/** A region made by BETWEEN holds at least so many integer handles. */
const LEAST_STEP = 1000n;

/** The keys that SPLIT TABLE speaks of: those of the records, or of one index. */
interface SplitSpace {
  readonly table: TableInfo;
  readonly space: KeySpace;
  /** Columns that values may be given for, the first ones of the key. */
  readonly columns: readonly ColumnInfo[];
  readonly index: string | undefined;
}

/**
 * SPLIT TABLE t [INDEX i] BETWEEN (…) AND (…) REGIONS n | BY (…), …. Throws 8212 for ranges that
 * cannot be split, 1176 for an index that is not there. Source: TiDB `executor/split.go`.
 */
export function* splitTable(
  session: SqlSession,
  statement: SplitTable,
  bound: BoundStatement,
): Wait<QueryResult> {
  const { split } = statement;
  const target = splitSpace(session, statement);
  const keyOf = function* (values: readonly Expression[]): Wait<Stored[]> {
    return yield* keyValues(session, values, target, bound);
  };
  const keys: string[] = [];
  if (split.by === 'points') {
    for (const point of split.points) keys.push(encodeTuple(target.space, yield* keyOf(point)));
  } else {
    keys.push(...between(target, yield* keyOf(split.low), yield* keyOf(split.high), split.regions));
  }
  const made = yield* session.node.parts.storage.splitRegions(keys);
  const columns = ['TOTAL_SPLIT_REGION', 'SCATTER_FINISH_RATIO'];
  return { ...okResult(), columns, rows: [[made, { kind: 'real', value: 1 }]] };
}

function splitSpace(session: SqlSession, { table: name, index }: SplitTable): SplitSpace {
  const { schema } = session.node.parts.shared;
  const table = schema.table(name.schema ?? session.database, name.name);
  const columnsAt = (offsets: readonly number[]) =>
    offsets.map((offset) => table.columns[offset] as ColumnInfo);
  if (index === undefined) {
    return { table, space: table.records, columns: columnsAt(table.handle), index };
  }
  const lower = index.toLowerCase();
  const found = table.indexes.find((each) => each.name.toLowerCase() === lower);
  if (found === undefined) {
    throw new SqlError(1176, `Key '${index}' doesn't exist in table '${table.name}'`);
  }
  return { table, space: found.space, columns: columnsAt(found.columns), index };
}

function* keyValues(
  session: SqlSession,
  values: readonly Expression[],
  { columns }: SplitSpace,
  bound: BoundStatement,
): Wait<Stored[]> {
  if (values.length > columns.length) throw refused('value count does not match column count');
  const stored: Stored[] = [];
  for (const [i, value] of values.entries()) {
    const { name, type } = columns[i] as ColumnInfo;
    const datum = yield* evaluateAlone(session, value, bound);
    const kept = storedDatum(datum, type);
    if (kept === undefined) throw new SqlError(1366, `Incorrect value for column '${name}'`);
    stored.push(keyValue(kept));
  }
  return stored;
}

function refused(reason: string): SqlError {
  return new SqlError(8212, `Failed to split region ranges: ${reason}`);
}

/** The borders between `regions` regions of one width. */
function between(
  target: SplitSpace,
  low: readonly Stored[],
  high: readonly Stored[],
  regions: number,
): string[] {
  if (regions < 1) throw refused('split region num should be greater than 0');
  const { space, columns, index, table } = target;
  const from = encodeTuple(space, low);
  const to = encodeTuple(space, high);
  const what = index === undefined ? `table \`${table.name}\`` : `index \`${index}\``;
  if (from >= to) {
    const values = `lower value (${low.join(',')}) should less than the upper value`;
    throw refused(`Split ${what} region ${values} (${high.join(',')})`);
  }
  const whole = [low[0], high[0]].every((value) => value !== null && typeof value !== 'string');
  const handle = index === undefined && columns.length === 1 && columns[0]?.type.kind === 'int';
  return handle && whole ? evenHandles(target, low, high, regions) : evenKeys(from, to, regions);
}

function evenHandles(
  { space, table }: SplitSpace,
  low: readonly Stored[],
  high: readonly Stored[],
  regions: number,
): string[] {
  const from = BigInt(low[0] as number);
  const step = (BigInt(high[0] as number) - from) / BigInt(regions);
  if (step < LEAST_STEP) {
    throw refused(
      `Split table \`${table.name}\` region step value should more than ${LEAST_STEP}, step ${step} is invalid`,
    );
  }
  const places = Array.from({ length: regions - 1 }, (_, i) => from + BigInt(i + 1) * step);
  return places.map((place) => encodeTuple(space, [BigInt.asIntN(64, place)]));
}

/** Code units of a key that are divided evenly. */
const UNITS = 3;

/** Keys spread between two others by what follows their common beginning. */
function evenKeys(from: string, to: string, regions: number): string[] {
  let common = 0;
  while (common < from.length && from[common] === to[common]) common++;
  const start = numberAt(from, common);
  const step = (numberAt(to, common) - start) / regions;
  if (step < 1) throw refused(`the region size is too small, step ${step}`);
  return Array.from({ length: regions - 1 }, (_, i) => {
    const place = Math.floor(start + (i + 1) * step);
    return from.slice(0, common) + unitsOf(place);
  });
}

function numberAt(key: string, at: number): number {
  let number = 0;
  for (let i = 0; i < UNITS; i++) number = number * 0x10000 + (key.charCodeAt(at + i) || 0);
  return number;
}

function unitsOf(number: number): string {
  const units = [number / 2 ** 32, number / 2 ** 16, number].map(
    (part) => Math.floor(part) % 65536,
  );
  return String.fromCharCode(...units);
}
