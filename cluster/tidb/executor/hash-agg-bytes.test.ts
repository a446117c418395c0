import { expect, test } from 'vitest';
import { IntColumn, StringColumn } from '../../column.ts';
import { Dictionary } from '../../dictionary.ts';
import type { ProfileName } from '../../profiles.ts';
import { BIGINT, decimalType, type SqlType, TEXT } from '../sql/catalog-type.ts';
import { type Aggregate, aggregateType, columnOf } from './aggregate.ts';
import { stateBytes } from './aggregate-bytes.ts';
import type { Compiled } from './context.ts';
import { MapBuckets, TABLE_BYTES } from './go-map-bytes.ts';
import { GroupKeyCodec } from './group-key.ts';
import { murmur3 } from './murmur3.ts';

const BUG = TABLE_BYTES['v5.5.0-nightly'];

function aggregate(name: Aggregate['name'], type: SqlType, distinct = false): Aggregate {
  const args: Compiled[] = [columnOf(type, 0)];
  return { name, distinct, args, separator: ',', type: aggregateType(name, args) };
}

test('buckets of TiDB’s maps weigh what its constants say', () => {
  const of = (profile: ProfileName) => {
    const { aggBucket, stringSetBucket, numberSetBucket, joinBucket } = TABLE_BYTES[profile];
    return [aggBucket, stringSetBucket, numberSetBucket, joinBucket];
  };
  expect(of('v5.5.0-nightly')).toEqual([344, 152, 88, 0]);
  expect(of('v6.5.0')).toEqual([516, 228, 132, 228]);
  expect(of('v8.5.0')).toEqual([516, 228, 132, 228]);
});

test('a map doubles when there are more than six and a half keys to a bucket', () => {
  const map = new MapBuckets(344, 6.5);
  expect([map.bytes, map.add(6), map.add(1), map.bytes]).toEqual([344, 0, 344, 688]);
  expect([map.add(6), map.add(1), map.bytes]).toEqual([0, 688, 1376]);
  const large = new MapBuckets(344, 6.5);
  large.add(851_968);
  expect(large.bytes).toBe(344 * 2 ** 17);
  expect(large.add(1)).toBe(344 * 2 ** 17);
});

test('many keys at once grow a map as one after the other would', () => {
  const [all, each] = [new MapBuckets(516, 6), new MapBuckets(516, 6)];
  all.add(100_000);
  for (let key = 0; key < 100_000; key++) each.add(1);
  expect(all.bytes).toBe(each.bytes);
});

test('partial results weigh what they do in Go', () => {
  const of = (name: Aggregate['name'], type: SqlType) => stateBytes(aggregate(name, type), BUG);
  expect(of('MAX', BIGINT)).toBe(24);
  expect(of('FIRST_ROW', TEXT)).toBe(24);
  expect(of('FIRST_ROW', BIGINT)).toBe(16);
  expect(of('COUNT', BIGINT)).toBe(8);
  expect(of('SUM', BIGINT)).toBe(48);
  expect(of('AVG', decimalType(10, 2))).toBe(48);
  expect(of('SUM', { ...BIGINT, kind: 'real' })).toBe(16);
  expect(stateBytes(aggregate('COUNT', BIGINT, true), BUG)).toBe(8 + 8 + 88);
});

function keyLengths(type: SqlType, values: readonly (number | bigint | string | null)[]): number[] {
  const column = type.kind === 'string' ? new StringColumn(8, new Dictionary()) : new IntColumn(8);
  for (const value of values) column.push(value);
  const lengths = new Int32Array(values.length);
  const rows = Int32Array.from(values, (_, row) => row);
  new GroupKeyCodec([type]).lengths([column], rows, values.length, lengths);
  return [...lengths];
}

test('a group key has a flag and a varint for an integer, and a length too for a string', () => {
  const ints = [0, 63, 64, -64, -65, 8191, 8192, null, 2n ** 62n, -(2n ** 63n)];
  expect(keyLengths(BIGINT, ints)).toEqual([2, 2, 3, 2, 3, 3, 4, 1, 11, 11]);
  const strings = ['', 'a', 'a  ', 'é', '😀', null, 'x'.repeat(63), 'x'.repeat(64)];
  expect(keyLengths(TEXT, strings)).toEqual([2, 3, 3, 4, 6, 1, 65, 67]);
  expect(keyLengths(decimalType(20, 2), [1])).toEqual([3 + 8 + 1]);
});

test('groups are spread by murmur3, and equal keys go the same way', () => {
  const bytes = new TextEncoder().encode('hello, world');
  expect(murmur3(bytes, 0)).toBe(0);
  expect(murmur3(bytes, 5)).toBe(0x248bfa47);
  expect(murmur3(bytes, 12)).toBe(0x149bbb7f);
  const hashOf = (text: string): number => {
    const column = new StringColumn(1, new Dictionary());
    column.push(text);
    return new GroupKeyCodec([TEXT]).hash([column], 0);
  };
  expect(hashOf('a')).toBe(hashOf('a '));
  expect(hashOf('a')).not.toBe(hashOf('b'));
  expect(hashOf('é€😀')).toBe(murmurOf([2, 18, ...new TextEncoder().encode('é€😀')]));
});

function murmurOf(bytes: readonly number[]): number {
  return murmur3(Uint8Array.from(bytes), bytes.length);
}
