/**
 * What HashAgg holds for the ledger's verification query at full size: the last row of each of a
 * million accounts. Counted by the code that counts at run time, without a single row.
 */
import { expect, test } from 'vitest';
import { sizeClass } from '../memory/chunk-bytes.ts';
import { BIGINT, type SqlType } from '../sql/catalog-type.ts';
import { type Aggregate, columnOf } from './aggregate.ts';
import { TABLE_BYTES } from './go-map-bytes.ts';
import { aggMap, groupBytes, KeyList, keySet } from './hash-agg-bytes.ts';

const WORKERS = 5;
const TABLES = TABLE_BYTES['v5.5.0-nightly'];
const ACCOUNT_ID: SqlType = { ...BIGINT, kind: 'string', name: 'VARCHAR', length: 32 };
/** Bytes of an account's id on average, and of the group key made of it. */
const ID_BYTES = 8.9;
const KEY_BYTES = 10.9;

const MAX_ID: Aggregate = {
  name: 'MAX',
  distinct: false,
  args: [columnOf(BIGINT, 1)],
  separator: ',',
  type: BIGINT,
};
const BYTES = groupBytes(
  { keys: [columnOf(ACCOUNT_ID, 0)], aggregates: [MAX_ID], merges: false },
  [true],
  TABLES,
);

/** MB, that is 10^6, in all partial workers, of which each has seen so many groups. */
function partialMb(groups: number): number {
  const map = aggMap(TABLES);
  map.add(groups);
  const bytes = map.bytes + groups * (BYTES.states + KEY_BYTES + ID_BYTES);
  return Math.round((WORKERS * bytes) / 1e6);
}

/** MB in all final workers when they list their keys, for so many groups in all. */
function finalMb(accounts: number): number {
  const groups = accounts / WORKERS;
  const map = aggMap(TABLES);
  const set = keySet(TABLES);
  map.add(groups);
  set.add(groups);
  const list = new KeyList().refill(groups, groups * sizeClass(Math.ceil(KEY_BYTES)));
  const bytes = map.bytes + set.bytes + list + groups * (BYTES.states + 2 * KEY_BYTES);
  return Math.round((WORKERS * bytes) / 1e6);
}

test('a fresh group costs a MAX and a FIRST_ROW', () => {
  expect(BYTES.states).toBe(24 + 24);
  expect(BYTES.keptStrings).toEqual([0]);
});

test('the partial workers hold what the estimates of the seed’s statement say', () => {
  expect(partialMb(805_000)).toBe(498);
  expect(partialMb(892_000)).toBe(753);
  expect(partialMb(913_000)).toBe(760);
  expect(partialMb(938_000)).toBe(769);
});

test('the final workers hold what the estimates say, which round the growth of a list', () => {
  for (const [accounts, estimate] of [
    [1_000_000, 181],
    [1_200_000, 282],
    [1_250_000, 287],
  ] as const) {
    expect(Math.abs(finalMb(accounts) - estimate)).toBeLessThanOrEqual(2);
  }
});

test('one group more than the buckets hold costs each worker 45 MB', () => {
  const map = aggMap(TABLES);
  map.add(851_968);
  expect(map.add(1)).toBe(344 * 131_072);
});
