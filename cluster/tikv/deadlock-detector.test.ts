import { expect, test } from 'vitest';
import { DeadlockDetector } from './deadlock-detector.ts';

const LIFE_US = 3_000_000;

function waits(detector: DeadlockDetector, waiter: number, holder: number, nowUs = 0) {
  return detector.detect({ waiter, holder, key: `${holder}'s` }, nowUs);
}

test('the edge that closes a circle is refused, and names the key others wait for', () => {
  const detector = new DeadlockDetector(LIFE_US);
  expect(waits(detector, 1, 2)).toBeUndefined();
  expect(waits(detector, 2, 3)).toBeUndefined();
  expect(waits(detector, 3, 1)).toBe("3's");
  expect(waits(detector, 3, 4)).toBeUndefined();
  expect(waits(detector, 4, 1)).toBe("4's");
});

test('an edge that was taken back, or is too old, closes nothing', () => {
  const detector = new DeadlockDetector(LIFE_US);
  waits(detector, 1, 2);
  detector.remove(1, 2);
  expect(waits(detector, 2, 1)).toBeUndefined();
  detector.remove(2, 1);
  waits(detector, 1, 2);
  expect(waits(detector, 2, 1, LIFE_US + 1)).toBeUndefined();
});

test('a transaction may wait for several, and each way round is seen', () => {
  const detector = new DeadlockDetector(LIFE_US);
  waits(detector, 1, 2);
  waits(detector, 1, 3);
  waits(detector, 3, 4);
  expect(waits(detector, 4, 1)).toBe("4's");
  expect(waits(detector, 2, 1)).toBe("2's");
});
