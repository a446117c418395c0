import { expect, test } from 'vitest';
import { chunkOf, columnAt, runOperator, Source } from '../../../testing/operator-world.ts';
import { IntColumn } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import { BIGINT, TEXT } from '../sql/catalog-type.ts';
import { type Aggregate, aggregateType } from './aggregate.ts';
import { HashAgg } from './hash-agg.ts';

function max(column: number): Aggregate {
  const args = [columnAt(column, BIGINT)];
  return { name: 'MAX', distinct: false, args, separator: ',', type: aggregateType('MAX', args) };
}

const COUNT: Aggregate = { name: 'COUNT', distinct: false, args: [], separator: ',', type: BIGINT };

/** Chunks of one integer column: 0, 1, 2, … */
function* counting(rows: number, chunkRows = 1024): Iterable<Chunk> {
  for (let at = 0; at < rows; at += chunkRows) {
    const column = new IntColumn(chunkRows);
    const length = Math.min(chunkRows, rows - at);
    for (let row = 0; row < length; row++) column.push(at + row);
    yield { columns: [column], length };
  }
}

test('groups come out with the largest of their values, whatever the number of workers', () => {
  const rows = Array.from({ length: 5000 }, (_, i) => [`k${i % 7}`, (i * 37) % 1000] as const);
  const source = new Source([TEXT, BIGINT], 5000, () => [chunkOf([TEXT, BIGINT], rows)]);
  const answers = [1, 2, 5].map((concurrency) => {
    const agg = new HashAgg(source, [columnAt(0, TEXT)], [max(1), COUNT], '');
    const run = runOperator(agg, { concurrency });
    expect(run.error).toBeUndefined();
    expect(run.left).toEqual([0, 0, 0]);
    return [...run.rows].sort();
  });
  expect(answers[0]).toHaveLength(7);
  expect(answers[0]?.[0]).toMatch(/^"k0" "9\d\d" "715"$/);
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test('in spill mode unknown groups go to disk and are aggregated in the next round', () => {
  const source = new Source([BIGINT], 50_000, () => counting(50_000));
  const agg = new HashAgg(source, [columnAt(0, BIGINT)], [COUNT], '', { kept: [false] });
  const run = runOperator(agg, { concurrency: 1, quota: 1_400_000 });
  expect(run.error).toBeUndefined();
  expect(run.rows).toHaveLength(50_000);
  expect(new Set(run.rows)).toEqual(new Set(['"1"']));
  expect(run.actions).toEqual(Array.from({ length: 7 }, () => 'agg-spill'));
  expect(run.left).toEqual([0, 0, 0]);
});

test('from v8.0 on, several workers spill together, and partitions are merged one by one', () => {
  const source = new Source([BIGINT], 50_000, () => counting(50_000));
  const agg = new HashAgg(source, [columnAt(0, BIGINT)], [COUNT, max(0)], '');
  const free = runOperator(agg, { profile: 'v8.5.0' });
  const run = runOperator(agg, { profile: 'v8.5.0', quota: 4_000_000 });
  expect(run.error).toBeUndefined();
  expect(run.actions.length).toBeGreaterThan(1);
  expect(new Set(run.actions)).toEqual(new Set(['agg-spill']));
  expect([...run.rows].sort()).toEqual([...free.rows].sort());
  expect(run.left).toEqual([0, 0, 0]);
  expect(run.peak(0).memory).toBeLessThan(4_000_000);
  expect(run.peak(0).disk).toBeGreaterThan(50_000 * 24);
});

/** The cross product of three columns of 64 values, of which each takes two bytes in a key. */
function* crossProduct(): Iterable<Chunk> {
  for (let at = 0; at < 2 ** 18; at += 1024) {
    const columns = [12, 6, 0].map((shift) => {
      const column = new IntColumn(1024);
      for (let row = at; row < at + 1024; row++) column.push(1000 + ((row >> shift) & 63));
      return column;
    });
    yield { columns, length: 1024 };
  }
}

test('the example of TiDB’s manual, a 64th of it: 1.13 GB in memory, 600.0 MB on disk', () => {
  const types = [BIGINT, BIGINT, BIGINT];
  const source = new Source(types, 2 ** 18, crossProduct);
  const keys = types.map((type, at) => columnAt(at, type));
  const agg = new HashAgg(source, keys, [COUNT], '', { kept: [false, false, false] });
  let rows = 0;
  const sink = (chunk: Chunk) => {
    rows += chunk.length;
  };
  const run = runOperator(agg, { concurrency: 1, quota: 2 ** 24, cancels: false, sink });
  const { memory = 0, disk } = run.peak(0);
  expect(rows).toBe(2 ** 18);
  // In memory so many groups at a time as fit into the buckets, and the one for which they doubled.
  const [all, known] = [2 ** 18, 6.5 * 2 ** 14 + 1];
  expect(disk).toBe(48 * (all - known + (all - 2 * known)));
  expect((64 * memory) / 2 ** 30).toBeCloseTo(1.13, 1);
  expect(run.actions.filter((action) => action === 'agg-spill')).toHaveLength(2);
});
