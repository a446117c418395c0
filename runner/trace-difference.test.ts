import { describe, expect, test } from 'vitest';
import { whereTheyPart } from './trace-difference.ts';

function trace(...hashes: string[]) {
  return hashes.map((hash, i) => ({ events: (i + 1) * 4096, timeUs: (i + 1) * 1_000_000, hash }));
}

describe('where two traces part', () => {
  test('is between the last checkpoint that agrees and the first that does not', () => {
    expect(whereTheyPart(trace('a', 'b', 'c'), trace('a', 'x', 'y'))).toBe(
      'the traces part between events 4096 and 8192, 1s to 2s of virtual time',
    );
  });

  test('may be before the first checkpoint', () => {
    expect(whereTheyPart(trace('a'), trace('b'))).toBe(
      'the traces part between events 0 and 4096, 0s to 1s of virtual time',
    );
  });

  test('may be after the last that both have', () => {
    expect(whereTheyPart(trace('a', 'b'), trace('a'))).toBe(
      'the traces agree up to event 4096, at 1s of virtual time, and part after it',
    );
  });
});
