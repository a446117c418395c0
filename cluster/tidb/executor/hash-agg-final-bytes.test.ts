import { expect, test } from 'vitest';
import { type Column, IntColumn } from '../../column.ts';
import type { ProfileName } from '../../profiles.ts';
import { BIGINT } from '../sql/catalog-type.ts';
import { columnOf } from './aggregate.ts';
import { TABLE_BYTES } from './go-map-bytes.ts';
import { Grouping, type GroupingSpec } from './grouping.ts';
import { groupBytes } from './hash-agg-bytes.ts';
import { finalBytes } from './hash-agg-final-bytes.ts';

const SPEC: GroupingSpec = { keys: [columnOf(BIGINT, 0)], aggregates: [], merges: false };

/** What a final worker charges at first, and for batches of fresh groups: [source, how many]. */
function charges(
  profile: ProfileName,
  batches: readonly [source: number, groups: number][],
  restores = false,
): number[] {
  const bytes = groupBytes(SPEC, [true], TABLE_BYTES[profile]);
  const final = finalBytes(bytes, new Grouping(SPEC), restores);
  let count = 0;
  const all = [final.startsWith];
  for (const [source, opened] of batches) {
    const keys: Column[] = [new IntColumn(opened)];
    for (let i = 0; i < opened; i++) keys[0]?.push(1);
    count += opened;
    const fresh = Int32Array.from({ length: opened }, (_, i) => i);
    const rows = { opened, fresh, count, groups: fresh, sorted: false };
    all.push(final.merged(keys, rows, opened, source).reduce((sum, one) => sum + one, 0));
  }
  return [...all, final.finished(count)];
}

test('until v7 a final worker has a map, a set and lists of its own', () => {
  const [starts, first = 0, second = 0, finished = 0] = charges('v6.5.0', [
    [0, 12],
    [1, 3],
  ]);
  expect(starts).toBe(516 + 228);
  expect(Math.min(first, second, finished)).toBeGreaterThan(0);
});

test('from v8.0 it takes over a map, and only buckets come with the groups of others', () => {
  const batches: [number, number][] = [
    [2, 10],
    [2, 2],
    [3, 0],
    [3, 1],
  ];
  expect(charges('v8.5.0', batches)).toEqual([516, 0, 0, 0, 2 * 516, 0]);
});

test('from v8.0 a restored partition is charged for its groups, but for no set and no list', () => {
  const state = 16;
  const key = 2;
  const given = charges('v8.5.0', [[0, 10]], true);
  expect(given).toEqual([0, 516 + 10 * (state + key), 0]);
});
