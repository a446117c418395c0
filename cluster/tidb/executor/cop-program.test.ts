import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_BUGS } from '../../bugs.ts';
import { Dictionary } from '../../dictionary.ts';
import { SqlError } from '../../errors.ts';
import { keySpace, makeKey, prefixEnd, type Stored } from '../../key.ts';
import { Engine } from '../../tikv/columns/engine.ts';
import { ConcurrencyManager } from '../../tikv/concurrency-manager.ts';
import type { CopProgram } from '../../tikv/cop-program.ts';
import { scan } from '../../tikv/coprocessor.ts';
import type { CopRequest, KeyRange } from '../../tikv/request.ts';
import type { Chunk } from '../chunk.ts';
import { remainingRanges } from '../copr/cop-task.ts';
import { BIGINT, type SqlType, TEXT } from '../sql/catalog-type.ts';
import { type Aggregate, aggregateType, finalAggregate } from './aggregate.ts';
import { type Compiled, StatementContext } from './context.ts';
import type { CopAggregation, CopPlan } from './cop-plan.ts';
import { copProgram, pushedTypes } from './cop-program.ts';
import { columnAt, constant } from './expression-constant.ts';
import { Grouping } from './grouping.ts';
import { readValue, toDatum } from './value.ts';

const SPACE = keySpace({
  tableId: 7,
  indexId: 0,
  name: 't',
  keyKinds: ['string', 'int'],
  valueKinds: ['int'],
});
const TYPES: readonly SqlType[] = [TEXT, BIGINT, BIGINT];
const [NAME, NUMBER, VALUE] = TYPES.map((type, i) => columnAt(i, type)) as [
  Compiled,
  Compiled,
  Compiled,
];
const READ_TS = 50;
const SHOWN = { info: '', estimate: 1 };
const NOTHING: CopPlan = { selection: undefined, top: undefined };

type Row = readonly [name: string | null, number: number, value: number | null];

const row: fc.Arbitrary<Row> = fc.tuple(
  fc.constantFrom('a', 'b', 'b ', 'c', null),
  fc.integer({ min: 0, max: 400 }),
  fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constant(null)),
);

/** A store with these rows, and older and newer versions that nobody must see. */
function store(rows: readonly Row[]): { engine: Engine; rows: readonly Row[] } {
  const engine = new Engine(new Dictionary());
  const seen = new Map<string, Row>();
  for (const [name, number, value] of rows) {
    const key = makeKey(SPACE, [name, number]);
    seen.set(key.encoded, [name, number, value]);
    for (const [ts, stored] of [
      [20, 999],
      [40, value],
      [60, -999],
    ] as const) {
      const versions = { startTs: ts, commitTs: ts, type: 0 as const };
      const write = { ...versions, overlappedRollback: false, protectedRollback: false };
      engine.apply([{ kind: 'put-write', key, write, value: [stored] }]);
    }
  }
  const sorted = [...seen].sort(([a], [b]) => (a < b ? -1 : 1));
  return { engine, rows: sorted.map(([, each]) => each) };
}

function context(): StatementContext {
  const options = { literals: [], params: [], nowUs: 0, warnings: [], bugs: NO_BUGS };
  return new StatementContext(options as unknown as StatementContext);
}

interface Reading {
  readonly descending?: boolean;
  readonly pageSize?: number;
  /** Where the table is cut into regions. */
  readonly cuts?: readonly string[];
}

/** Chunks that a reader would get: one for each region and page. */
function read(engine: Engine, plan: CopPlan, reading: Reading = {}): Chunk[] {
  const program = copProgram(context(), plan);
  const borders = [SPACE.prefix, ...(reading.cuts ?? []), prefixEnd(SPACE.prefix)];
  const chunks: Chunk[] = [];
  for (let i = 1; i < borders.length; i++) {
    const [start, end] = [borders[i - 1] as string, borders[i] as string];
    chunks.push(...readRegion(engine, [{ space: SPACE, start, end }], program, reading));
  }
  return chunks;
}

function readRegion(
  engine: Engine,
  ranges: readonly KeyRange[],
  program: CopProgram | undefined,
  { descending = false, pageSize }: Reading,
): Chunk[] {
  const chunks: Chunk[] = [];
  for (let left = ranges; left.length > 0; ) {
    const request: CopRequest = {
      ...{ kind: 'cop', ranges: left, readTs: READ_TS, bypass: [], columns: [0, 1, 2] },
      ...{ descending, limit: undefined },
      ...(program === undefined ? undefined : { program }),
      ...(pageSize === undefined ? undefined : { pageSize }),
    };
    const result = scan(engine, new ConcurrencyManager(NO_BUGS), request);
    if (result.error !== undefined) throw new SqlError(result.error.code, result.error.message);
    chunks.push({ columns: result.columns, length: result.rows });
    left = result.resumeAt === undefined ? [] : remainingRanges(left, result.resumeAt, descending);
  }
  return chunks;
}

function tuples(chunks: readonly Chunk[]): Stored[][] {
  return chunks.flatMap(({ columns, length }) =>
    Array.from({ length }, (_, at) => columns.map((column) => column.get(at))),
  );
}

/** A condition on rows. */
function where(test: (row: Row) => boolean): Pick<CopPlan, 'selection'> {
  const condition = constant(BIGINT, (_ctx, chunk, at) => {
    const [name, number, value] = chunk.columns.map((column) => column.get(at));
    return test([name as Row[0], number as number, value as Row[2]]) ? 1 : 0;
  });
  return { selection: { ...SHOWN, conditions: [{ ...condition, constant: false }] } };
}

const ODD = ([, number]: Row): boolean => number % 2 === 1;

function aggregate(name: Aggregate['name'], ...args: Compiled[]): Aggregate {
  return { name, args, distinct: false, separator: ',', type: aggregateType(name, args) };
}

/** What the operator above a reader makes of partial results, as text in any order. */
function merged({ keys, aggregates }: CopAggregation, chunks: readonly Chunk[]): string[] {
  const ctx = context();
  let first = keys.length;
  const finals = aggregates.map((each) => {
    const final = finalAggregate(each, first);
    first += final.args.length;
    return final;
  });
  const columns = keys.map(({ type }, i) => columnAt(i, type));
  const grouping = new Grouping({ keys: columns, aggregates: finals, merges: true });
  for (const chunk of chunks) {
    if (chunk.length > 0) grouping.add(ctx, chunk, grouping.keysOf(ctx, chunk));
  }
  return shown(
    grouping.results(ctx),
    [...keys, ...aggregates].map(({ type }) => type),
  );
}

function shown({ columns, length }: Chunk, types: readonly SqlType[]): string[] {
  // Of names that differ in blanks alone any may stand for the group.
  const lines = Array.from({ length }, (_, at) =>
    columns.map((column, i) => {
      const type = types[i] as SqlType;
      const datum = toDatum(readValue(column, at, type), type);
      const value = typeof datum === 'string' ? datum.trimEnd() : datum;
      return JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? `${each}n` : each));
    }),
  );
  return lines.map((line) => line.join(' ')).sort((a, b) => (a < b ? -1 : 1));
}

/** Every page size, direction and cut gives the same. */
const reading: fc.Arbitrary<Required<Reading>> = fc.record({
  descending: fc.boolean(),
  pageSize: fc.constantFrom(1, 7, 100, 1_000_000),
  cuts: fc.constantFrom(
    [],
    [makeKey(SPACE, ['b', 100]).encoded],
    [makeKey(SPACE, ['a', 3]).encoded, makeKey(SPACE, ['c', 0]).encoded],
  ),
});

function law(check: (rows: readonly Row[], engine: Engine, reading: Required<Reading>) => void) {
  const property = fc.property(
    fc.array(row, { maxLength: 600, size: 'max' }),
    reading,
    (all, how) => {
      const { engine, rows } = store(all);
      check(rows, engine, how);
    },
  );
  fc.assert(property, { seed: 4, numRuns: 60 });
}

test('pages give every row once and in order, whatever their size', () => {
  law((rows, engine, how) => {
    const ordered = how.descending ? { ...how, cuts: [] } : how;
    const expected = how.descending ? [...rows].reverse() : rows;
    expect(tuples(read(engine, NOTHING, ordered))).toEqual(expected);
  });
});

test('a selection lets pass what fulfils it, page by page too', () => {
  law((rows, engine, how) => {
    const ordered = how.descending ? { ...how, cuts: [] } : how;
    const expected = rows.filter(ODD);
    if (how.descending) expected.reverse();
    expect(tuples(read(engine, { ...NOTHING, ...where(ODD) }, ordered))).toEqual(expected);
  });
});

describe.each(['hash-agg', 'stream-agg'] as const)('partial results of a %s', (kind) => {
  const functions = [
    aggregate('COUNT'),
    aggregate('COUNT', VALUE),
    aggregate('SUM', VALUE),
    aggregate('MAX', VALUE),
    aggregate('MIN', NUMBER),
    aggregate('AVG', VALUE),
  ];
  const by = (...keys: Compiled[]): CopAggregation => ({
    ...{ ...SHOWN, kind, keys, aggregates: functions },
  });

  test('add up to what one aggregation of all rows gives', () => {
    law((rows, engine, how) => {
      for (const aggregation of [by(NAME), by(NAME, NUMBER)]) {
        const chunks = read(engine, { ...where(ODD), top: aggregation }, how);
        const alone = new Grouping({ ...aggregation, merges: false });
        const ctx = context();
        const odd = chunkOf(rows.filter(ODD));
        if (odd.length > 0) alone.add(ctx, odd, alone.keysOf(ctx, odd));
        const types = [...aggregation.keys, ...functions].map(({ type }) => type);
        expect(merged(aggregation, chunks)).toEqual(shown(alone.results(ctx), types));
      }
    });
  });

  test('are one row a region without keys, and none of an empty region', () => {
    const { engine } = store([
      ['b', 1, 1],
      ['b', 3, 5],
    ]);
    const cuts = ['b', 'c'].map((name) => makeKey(SPACE, [name]).encoded);
    const chunks = read(engine, { ...where(ODD), top: by() }, { cuts });
    expect(chunks.map(({ length }) => length)).toEqual([0, 1, 0]);
    expect(tuples(chunks)).toEqual([[2, 2, '6', 5, 1, 2, '6']]);
  });

  test('have the types that the reader announces', () => {
    const { engine } = store([['b', 1, 1]]);
    const plan = { ...NOTHING, top: by(NAME) };
    const [chunk] = read(engine, plan) as [Chunk];
    expect(chunk.columns).toHaveLength(pushedTypes(TYPES, plan).length);
  });
});

test('a stream of groups comes in their order', () => {
  law((rows, engine, { pageSize, cuts }) => {
    const top = { ...SHOWN, kind: 'stream-agg' as const, keys: [NAME], aggregates: [] };
    const names = tuples(read(engine, { ...NOTHING, top }, { pageSize, cuts })).map(
      ([name]) => name,
    );
    // A page or a region may end within a group, which then comes twice in a row.
    const once = names.filter((name, i) => i === 0 || name !== names[i - 1]);
    const expected = rows.map(([name]) => name);
    // Names that differ in blanks alone are one group.
    const plain = (name: Stored | undefined): unknown =>
      typeof name === 'string' ? name.trimEnd() : name;
    expect(deduplicated(once.map(plain))).toEqual(deduplicated(expected.map(plain)));
  });
});

function deduplicated(values: readonly unknown[]): unknown[] {
  return values.filter((value, i) => i === 0 || value !== values[i - 1]);
}

test('a TopN gives the first rows of each region', () => {
  law((rows, engine, how) => {
    const keys = [
      { compiled: VALUE, descending: true },
      { compiled: NUMBER, descending: false },
    ];
    const window = { count: constant(BIGINT, () => 5), offset: constant(BIGINT, () => 2) };
    const top = { ...SHOWN, kind: 'top-n' as const, keys, window };
    const found = tuples(read(engine, { ...where(ODD), top }, { ...how, cuts: [] }));
    const order = (a: Row, b: Row): number => (b[2] ?? -1000) - (a[2] ?? -1000) || a[1] - b[1];
    const expected = rows.filter(ODD).sort(order).slice(0, 7);
    expect(found.map(([, number, value]) => [value, number])).toEqual(
      expected.map(([, number, value]) => [value, number]),
    );
  });
});

test('a limit gives the first rows of each region and reads little more', () => {
  const rows = Array.from({ length: 5000 }, (_, i): Row => ['a', i, i]);
  const { engine } = store(rows);
  const window = { count: constant(BIGINT, () => 10), offset: constant(BIGINT, () => 5) };
  const top = { ...SHOWN, kind: 'limit' as const, window };
  const program = copProgram(context(), { ...where(ODD), top });
  const request = { kind: 'cop', ranges: [whole()], readTs: READ_TS, bypass: [] } as const;
  const result = scan(engine, new ConcurrencyManager(NO_BUGS), {
    ...{ ...request, columns: [0, 1, 2], descending: false, limit: undefined },
    ...(program === undefined ? undefined : { program }),
  });
  expect(tuples([{ columns: result.columns, length: result.rows }])).toEqual(
    rows.filter(ODD).slice(0, 15),
  );
  expect(result.processedKeys).toBeLessThan(1500);
  expect(result.resumeAt).toBeUndefined();
});

test('executors say how many rows they gave, and how many they took in', () => {
  const { engine } = store(Array.from({ length: 3000 }, (_, i): Row => ['a', i, i % 7]));
  const aggregates = [aggregate('COUNT')];
  const top = { ...SHOWN, kind: 'hash-agg' as const, keys: [VALUE], aggregates };
  const program = copProgram(context(), { ...where(ODD), top }) as CopProgram;
  const request = { kind: 'cop', ranges: [whole()], readTs: READ_TS, bypass: [] } as const;
  const result = scan(engine, new ConcurrencyManager(NO_BUGS), {
    ...{ ...request, columns: [0, 1, 2], descending: false, limit: undefined, program },
  });
  expect(result.summaries.map(({ rows }) => rows)).toEqual([3000, 1500, 7]);
  expect([program.executors, result.work, result.totalKeys]).toEqual([2, 3000 + 1500, 9000]);
});

test('an expression that fails ends the task with its error, one that warns tells it', () => {
  const { engine } = store([['a', 1, 1]]);
  const failing = constant(BIGINT, () => {
    throw new SqlError(1690, 'BIGINT value is out of range');
  });
  const conditions = (condition: Compiled): CopPlan => ({
    ...{ selection: { ...SHOWN, conditions: [condition] }, top: undefined },
  });
  expect(() => read(engine, conditions(failing))).toThrow(expect.objectContaining({ code: 1690 }));
  const warning = constant(BIGINT, (ctx) => {
    ctx.warn(1292, 'Truncated');
    return 1;
  });
  const ctx = context();
  const run = copProgram(ctx, conditions(warning))?.start();
  run?.process(chunkOf([['a', 1, 1]]).columns, 1);
  expect(run?.finish().warnings).toEqual([{ code: 1292, message: 'Truncated' }]);
  expect(ctx.warnings).toEqual([]);
});

test('a program sees the constants that were there when its reader was opened', () => {
  const { engine } = store([
    ['a', 1, 1],
    ['a', 2, 2],
  ]);
  const ctx = context();
  ctx.correlated[0] = 2;
  const condition = constant(BIGINT, (own, chunk, at) =>
    chunk.columns[1]?.get(at) === own.correlated[0] ? 1 : 0,
  );
  const plan = { selection: { ...SHOWN, conditions: [condition] }, top: undefined };
  const program = copProgram(ctx, plan);
  ctx.correlated[0] = 1;
  expect(tuples(readRegion(engine, [whole()], program, {}))).toEqual([['a', 2, 2]]);
});

function whole(): KeyRange {
  return { space: SPACE, start: SPACE.prefix, end: prefixEnd(SPACE.prefix) };
}

function chunkOf(rows: readonly Row[]): Chunk {
  const { engine } = store(rows);
  return read(engine, NOTHING)[0] as Chunk;
}
