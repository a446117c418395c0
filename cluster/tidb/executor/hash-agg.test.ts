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
  expect(new Set(run.rows).size).toBe(50_000);
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
