import { expect, test } from 'vitest';
import { keyOf, SPACE } from '../../../testing/kv-cluster.ts';
import { prefixEnd } from '../../key.ts';
import { TxnMemBuffer } from './mem-buffer.ts';

function contents(buffer: TxnMemBuffer): string[] {
  const all = buffer.range(SPACE.prefix, prefixEnd(SPACE.prefix));
  return all.map(({ key, values }) => `${key.values[0]}=${values?.[0] ?? 'deleted'}`);
}

test('a range lists changes by key, its end excluded', () => {
  const buffer = new TxnMemBuffer();
  for (const name of ['c', 'a', 'b']) buffer.put(keyOf(name), [1], false);
  buffer.delete(keyOf('a'));
  expect(contents(buffer)).toEqual(['a=deleted', 'b=1', 'c=1']);
  const part = buffer.range(keyOf('a').encoded, keyOf('c').encoded);
  expect(part.map(({ key }) => key.values[0])).toEqual(['a', 'b']);
});

test('reverting a statement brings back what it overwrote, deleted and added', () => {
  const buffer = new TxnMemBuffer();
  buffer.put(keyOf('a'), [1], false);
  buffer.put(keyOf('b'), [2], true);
  const statement = buffer.checkpoint();
  buffer.put(keyOf('a'), [10], false);
  buffer.put(keyOf('a'), [11], false);
  buffer.delete(keyOf('b'));
  buffer.put(keyOf('c'), [3], false);
  expect(contents(buffer)).toEqual(['a=11', 'b=deleted', 'c=3']);
  buffer.revert(statement);
  expect(contents(buffer)).toEqual(['a=1', 'b=2']);
  expect(buffer.get(keyOf('b'))?.presumeNotExists).toBe(true);
});

test('a delete keeps the promise that the key was absent', () => {
  const buffer = new TxnMemBuffer();
  buffer.put(keyOf('a'), [1], true);
  buffer.delete(keyOf('a'));
  expect(buffer.get(keyOf('a'))).toMatchObject({ values: undefined, presumeNotExists: true });
});
