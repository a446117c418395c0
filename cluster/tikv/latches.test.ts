import { expect, test } from 'vitest';
import { keySpace, makeKey } from '../key.ts';
import { type Latched, Latches } from './latches.ts';

const SPACE = keySpace({
  tableId: 1,
  indexId: 0,
  name: 't',
  keyKinds: ['string'],
  valueKinds: [],
});

function command(name: string, keys: readonly string[], started: string[]): Latched {
  const latchKeys = keys.map((key) => makeKey(SPACE, [key]));
  return { latchKeys, missing: 0, start: () => started.push(name) };
}

test('commands on different keys run at once, those on one key in order of arrival', () => {
  const latches = new Latches();
  const started: string[] = [];
  const [a, b, c, d] = [
    command('a', ['x', 'y'], started),
    command('b', ['y', 'z'], started),
    command('c', ['z'], started),
    command('d', ['w'], started),
  ] as const;
  for (const each of [a, b, c, d]) latches.acquire(each);
  expect(started).toEqual(['a', 'd']);
  latches.release(a);
  expect(started).toEqual(['a', 'd', 'b']);
  latches.release(b);
  expect(started).toEqual(['a', 'd', 'b', 'c']);
});

test('a released key is free again', () => {
  const latches = new Latches();
  const started: string[] = [];
  const first = command('first', ['x'], started);
  latches.acquire(first);
  latches.release(first);
  latches.acquire(command('second', ['x'], started));
  expect(started).toEqual(['first', 'second']);
});

test('a key named twice is owned once, and handed over once', () => {
  const latches = new Latches();
  const started: string[] = [];
  const [first, second, third] = [
    command('first', ['x', 'x'], started),
    command('second', ['x', 'y', 'x'], started),
    command('third', ['x'], started),
  ] as const;
  for (const each of [first, second, third]) latches.acquire(each);
  expect(started).toEqual(['first']);
  latches.release(first);
  expect(started).toEqual(['first', 'second']);
  latches.release(second);
  expect(started).toEqual(['first', 'second', 'third']);
});
