import { expect, test } from 'vitest';
import { type Latched, Latches } from './latches.ts';

function command(name: string, keys: readonly string[], started: string[]): Latched {
  return { latchKeys: keys, owned: 0, start: () => started.push(name) };
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
