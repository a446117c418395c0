import { expect, test } from 'vitest';
import { chunkOf, columnAt, runOperator, Source } from '../../../testing/operator-world.ts';
import { BIGINT, TEXT } from '../sql/catalog-type.ts';
import { TABLE_BYTES } from './go-map-bytes.ts';
import { HashJoin } from './hash-join.ts';
import { HashTableBytes } from './hash-table-bytes.ts';
import type { JoinOptions } from './join-options.ts';
import { Projection } from './projection.ts';

/** One integer column with the values from 0 on. */
function ints(rows: number, estimate = rows): Source {
  const values = Array.from({ length: rows }, (_, at) => [at]);
  return new Source([BIGINT], estimate, () => (rows === 0 ? [] : [chunkOf([BIGINT], values)]));
}

function joined(options: Partial<JoinOptions> & Pick<JoinOptions, 'left' | 'right'>): HashJoin {
  const join = new HashJoin({ type: 'inner', equal: [], other: [], info: '', ...options });
  join.id = 12;
  return join;
}

const EQUAL = [{ left: columnAt(0, BIGINT), right: columnAt(0, BIGINT) }];

test('a build side of 256 integers holds 8.23 KB, and 4 KB on disk once it has spilled', () => {
  const join = joined({ left: ints(1024), right: ints(256) });
  expect(runOperator(join).peak(12)).toEqual({ memory: 8432, disk: 0 });
  const spilled = runOperator(join, { quota: 8000 });
  expect(spilled.peak(12)).toEqual({ memory: 8432, disk: 4096 });
  expect(spilled.actions).toEqual(['spill']);
});

test('every row meets every row, in chunks of 1024, and nothing is left over', () => {
  const run = runOperator(joined({ left: ints(1000), right: ints(256) }));
  expect(run.rows).toHaveLength(256_000);
  expect(run.rows.slice(0, 2)).toEqual(['"0" "0"', '"0" "1"']);
  expect(run.rows.at(-1)).toBe('"999" "255"');
  expect(new Set(run.chunks)).toEqual(new Set([1024]));
  expect(run.left).toEqual([0, 0, 0]);
});

test('rows that were spilled are read back from disk', () => {
  const join = joined({ left: ints(20_000), right: ints(5000), equal: EQUAL });
  const free = runOperator(join);
  const run = runOperator(join, { quota: 30_000 });
  expect(free.rows).toHaveLength(5000);
  expect(run.rows).toEqual(free.rows);
  expect(run.log).toEqual(['INFO memory exceeds quota, spill to disk now.']);
  expect(run.peak(12).memory).toBeLessThan(36_000);
  expect(run.peak(12).disk).toBe(5000 * 16);
  expect(run.left).toEqual([0, 0, 0]);
});

test('an outer join gives rows that meet nobody with NULLs, conditions considered', () => {
  const other = [columnAt(2, BIGINT)];
  const values = (rows: readonly (readonly (number | null)[])[], types = [BIGINT, BIGINT]) =>
    new Source(types, rows.length, () => [chunkOf(types, rows)]);
  const left = values([[1], [2], [null], [3]], [BIGINT]);
  const right = values([
    [1, 0],
    [1, 7],
    [2, 0],
    [null, 1],
  ]);
  const run = runOperator(joined({ type: 'left', left, right, equal: EQUAL, other }));
  expect(run.rows).toEqual(['"1" "1" "7"', '"2" NULL NULL', 'NULL NULL NULL', '"3" NULL NULL']);
});

const READS_ONE_COLUMN = [
  { type: 'inner', other: [], read: 1 },
  { type: 'inner', other: [], read: 3 },
  { type: 'left', other: [], read: 3 },
  { type: 'right', other: [], read: 0 },
  { type: 'inner', other: [columnAt(1, BIGINT)], read: 2 },
] as const;

test.each(READS_ONE_COLUMN)('a projection has the column it reads: $type, $read', (each) => {
  const { type, other, read } = each;
  const pairs = (rows: number): Source => {
    const values = Array.from({ length: rows }, (_, at) => [at, at % 3]);
    return new Source([BIGINT, BIGINT], rows, () => [chunkOf([BIGINT, BIGINT], values)]);
  };
  const plan = (): HashJoin =>
    joined({ type, other, left: pairs(6000), right: pairs(5000), equal: EQUAL });
  for (const quota of [0, 30_000]) {
    const whole = runOperator(plan(), { quota });
    const part = runOperator(new Projection(plan(), [columnAt(read, BIGINT)], ''), { quota });
    expect(part.rows).toEqual(whole.rows.map((row) => row.split(' ')[read]));
    expect(part.peak(12)).toEqual(whole.peak(12));
    expect(part.log).toEqual(whole.log);
  }
});

test('strings that differ in blanks at their end are equal', () => {
  const texts = (...rows: readonly string[]) =>
    new Source([TEXT], rows.length, () => [
      chunkOf(
        [TEXT],
        rows.map((row) => [row]),
      ),
    ]);
  const equal = [{ left: columnAt(0, TEXT), right: columnAt(0, TEXT) }];
  const run = runOperator(joined({ left: texts('a', 'b '), right: texts('a ', 'b', 'c'), equal }));
  expect(run.rows).toEqual(['"a" "a "', '"b " "b"']);
});

test('an empty build side ends an inner join before it has read the probe side', () => {
  let asked = 0;
  const probe = new Source([BIGINT], 10, function* () {
    for (;;) {
      asked++;
      yield chunkOf([BIGINT], [[1]]);
    }
  });
  const run = runOperator(joined({ left: probe, right: ints(0, 1), equal: EQUAL }));
  expect(run.rows).toEqual([]);
  expect(asked).toBe(1);
});

test('an empty probe side ends the reading of the build side', () => {
  let asked = 0;
  const build = new Source([BIGINT], 1, function* () {
    for (;;) {
      asked++;
      yield chunkOf([BIGINT], [[1]]);
    }
  });
  const run = runOperator(joined({ left: ints(0, 10), right: build, equal: EQUAL }));
  expect(run.rows).toEqual([]);
  expect(asked).toBeLessThan(3);
});

test('one chunk of the probe side is read before the build side has ended, and not two', () => {
  const order: string[] = [];
  const side = (name: string, estimate: number) =>
    new Source([BIGINT], estimate, function* () {
      for (let at = 0; at < 3; at++) {
        order.push(name);
        yield chunkOf([BIGINT], [[at]]);
      }
    });
  runOperator(joined({ left: side('probe', 10), right: side('build', 1), equal: EQUAL }));
  expect(order).toEqual(['build', 'probe', 'build', 'build', 'probe', 'probe']);
});

test('the hash table costs nothing in v5.5, and entries and buckets later', () => {
  const join = joined({ left: ints(2000), right: ints(1024), equal: EQUAL });
  const rows = 104 + 128 + 8192 + 8;
  expect(runOperator(join).peak(12).memory).toBe(rows);
  const table = new HashTableBytes(TABLE_BYTES['v6.5.0']);
  for (let hash = 0; hash < 320 * 7; hash++) table.add(hash, true);
  const entries = 16 * (64 + 128 + 256 + 512 + 1024 + 2048);
  expect(table.takeGrowth()).toBe(entries + 320 * 228);
  table.add(1, false);
  expect(table.takeGrowth()).toBe(0);
  expect(runOperator(join, { profile: 'v6.5.0' }).peak(12).memory).toBeGreaterThan(
    rows + 16 * (64 + 128 + 256 + 512 + 1024),
  );
});
