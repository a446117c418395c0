import { expect, test } from 'vitest';
import { chunkOf, columnAt, runOperator, Source } from '../../../testing/operator-world.ts';
import type { Stored } from '../../key.ts';
import { BIGINT, TEXT } from '../sql/catalog-type.ts';
import type { Compiled } from './context.ts';
import { HashAgg } from './hash-agg.ts';
import { Sort } from './sort.ts';
import { TopN } from './top-n.ts';

const TYPES = [BIGINT, TEXT];

/** Rows in chunks of `chunkRows`. */
function source(rows: readonly (readonly Stored[])[], chunkRows = 1024): Source {
  return new Source(TYPES, rows.length, function* () {
    for (let at = 0; at < rows.length; at += chunkRows) {
      yield chunkOf(TYPES, rows.slice(at, at + chunkRows));
    }
  });
}

function scrambled(count: number): [number | null, string][] {
  return Array.from({ length: count }, (_, at) => [
    at % 50 === 0 ? null : (at * 7919) % 1000,
    `row ${at}`,
  ]);
}

function literal(value: number): Compiled {
  return { type: BIGINT, evaluate: () => value, column: undefined, constant: true };
}

const BY_FIRST = [{ compiled: columnAt(0, BIGINT), descending: false }];
const BY_FIRST_DOWN = [{ compiled: columnAt(0, BIGINT), descending: true }];

test('rows come in order, NULL first, equal ones as they came', () => {
  const rows: [number | null, string][] = [
    [3, 'a'],
    [null, 'b'],
    [1, 'c'],
    [3, 'd'],
    [null, 'e'],
  ];
  const up = runOperator(new Sort(source(rows), BY_FIRST, ''));
  expect(up.rows.map((row) => row.at(-2))).toEqual(['b', 'e', 'c', 'a', 'd']);
  const down = runOperator(new Sort(source(rows), BY_FIRST_DOWN, ''));
  expect(down.rows.map((row) => row.at(-2))).toEqual(['a', 'd', 'c', 'b', 'e']);
});

test('over the quota partitions are sorted, written and merged: the answer is the same', () => {
  for (const keys of [BY_FIRST, BY_FIRST_DOWN]) {
    const sort = new Sort(source(scrambled(20_000)), keys, '');
    const free = runOperator(sort);
    const run = runOperator(sort, { quota: 150_000 });
    expect(run.error).toBeUndefined();
    expect(run.rows).toEqual(free.rows);
    expect(run.actions.length).toBeGreaterThan(2);
    expect(new Set(run.actions)).toEqual(new Set(['sort-spill']));
    expect(run.left).toEqual([0, 0, 0]);
    expect(run.peak(0).memory).toBeLessThan(2 * 150_000);
  }
});

test('a sort that holds no more than a tenth of the quota is not worth spilling', () => {
  const agg = new HashAgg(
    source(scrambled(3000)),
    [columnAt(1, TEXT), columnAt(0, BIGINT)],
    [],
    '',
  );
  const run = runOperator(new Sort(agg, BY_FIRST, ''), { quota: 100_000 });
  expect(run.actions).toEqual(['cancel']);
  expect(run.error).toMatchObject({ code: 1105 });
  expect(run.left).toEqual([0, 0, 0]);
});

test('chunks are charged by their room, and from v6.1 on row pointers too', () => {
  const sort = new Sort(source(scrambled(1024).map(([, text]) => [1, text])), BY_FIRST, '');
  const old = runOperator(sort).peak(0).memory as number;
  const later = runOperator(sort, { profile: 'v6.5.0' }).peak(0).memory as number;
  expect(later - old).toBe(8 * 1024);
});

test('the first rows are the same with and without a sort, and cost only themselves', () => {
  const rows = scrambled(30_000);
  const whole = runOperator(new Sort(source(rows), BY_FIRST, ''));
  const window = { offset: literal(600), count: literal(10) };
  const limited = new TopN(source(rows), BY_FIRST, window, '');
  const run = runOperator(limited);
  expect(run.rows).toEqual(whole.rows.slice(600, 610));
  expect(run.left).toEqual([0, 0, 0]);
  expect(run.peak(0).memory as number).toBeGreaterThan(10_000);
  expect(run.peak(0).memory as number).toBeLessThan((whole.peak(0).memory as number) / 4);
});
