import { describe, expect, test } from 'vitest';
import { Persistence } from './persistence.ts';

describe('what is on disk', () => {
  test('is what was handed out in a Ready that is done, and all before it', () => {
    const persistence = new Persistence(5);
    persistence.hand(1, 7, 2);
    persistence.hand(2, 9, 3);
    persistence.hand(3, 12, 3);
    expect(persistence.persisted).toBe(5);
    expect(persistence.done(2)).toBe(3);
    expect([persistence.persisted, persistence.handed, persistence.isBehind]).toEqual([
      9,
      12,
      true,
    ]);
    expect(persistence.done(2)).toBe(0);
    expect(persistence.done(3)).toBe(3);
    expect([persistence.persisted, persistence.isBehind]).toEqual([12, false]);
  });

  test('is not what has been replaced in the meantime, even by the same entry once more', () => {
    const persistence = new Persistence(4);
    persistence.hand(1, 5, 2);
    persistence.truncatedFrom(5);
    persistence.hand(2, 5, 3);
    persistence.truncatedFrom(5);
    persistence.hand(3, 5, 4);
    persistence.done(1);
    expect(persistence.persisted).toBe(4);
    persistence.done(2);
    expect(persistence.persisted).toBe(4);
    persistence.done(3);
    expect(persistence.persisted).toBe(5);
  });

  test('is cut along with the log', () => {
    const persistence = new Persistence(9);
    persistence.truncatedFrom(6);
    expect([persistence.persisted, persistence.handed]).toEqual([5, 5]);
  });

  test('is, after a snapshot, what was committed before, until the snapshot is written', () => {
    const persistence = new Persistence(9);
    persistence.hand(1, 15, 2);
    persistence.replacedBy(20, 7);
    expect([persistence.persisted, persistence.handed]).toEqual([7, 20]);
    persistence.hand(2, 22, 2);
    persistence.done(1);
    expect(persistence.persisted).toBe(7);
    persistence.done(2);
    expect(persistence.persisted).toBe(22);
  });
});
