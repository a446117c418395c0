import { describe, expect, test } from 'vitest';
import { normalEntry } from './entry.ts';
import { RaftInvariantError } from './errors.ts';
import { RaftLog } from './log.ts';

/** A log that begins behind index 2 of term 1, with entries of these terms. */
function logOf(...terms: number[]): RaftLog<string> {
  return new RaftLog(2, 1, entriesFrom(3, ...terms));
}

function entriesFrom(index: number, ...terms: number[]) {
  return terms.map((term, i) => normalEntry(term, index + i, `${term}`, 10));
}

const termsOf = (log: RaftLog<string>): number[] => log.entries.map(({ term }) => term);

describe('a log', () => {
  test('knows the term of what it holds, and of the last entry that was cut off', () => {
    const log = logOf(1, 2);
    expect([1, 2, 3, 4, 5].map((index) => log.term(index))).toEqual([
      undefined,
      1,
      1,
      2,
      undefined,
    ]);
    expect([log.lastIndex, log.lastTerm]).toEqual([4, 2]);
  });

  test('that is empty ends where it begins', () => {
    expect([logOf().lastIndex, logOf().lastTerm]).toEqual([2, 1]);
  });

  test('is written over from the first of the new entries on', () => {
    const log = logOf(1, 2, 2, 2);
    log.append(entriesFrom(4, 3, 3));
    expect(termsOf(log)).toEqual([1, 3, 3]);
  });

  test('has no gap', () => {
    expect(() => logOf(1).append(entriesFrom(5, 2))).toThrow(RaftInvariantError);
  });

  test('loses its beginning, never what is not there', () => {
    const log = logOf(1, 2, 3);
    log.compact(4);
    expect([log.truncatedIndex, log.truncatedTerm, ...termsOf(log)]).toEqual([4, 2, 3]);
    log.compact(3);
    expect(log.truncatedIndex).toBe(4);
    expect(() => log.compact(9)).toThrow(RaftInvariantError);
    expect(() => log.truncateFrom(4)).toThrow(RaftInvariantError);
  });

  test('starts anew behind a snapshot', () => {
    const log = logOf(1, 2, 3);
    log.reset(10, 4);
    expect([log.lastIndex, log.lastTerm, ...termsOf(log)]).toEqual([10, 4]);
  });

  test.each([
    [100, [1, 2, 3]],
    [30, [1, 2, 3]],
    [29, [1, 2]],
    [10, [1]],
    [0, [1]],
  ])('gives out no more than %i bytes, but at least an entry', (bytes, terms) => {
    expect(
      logOf(1, 2, 3)
        .slice(3, 5, bytes)
        .map(({ term }) => term),
    ).toEqual(terms);
  });

  test.each([
    [5, 2, true],
    [4, 3, true],
    [4, 2, false],
    [9, 1, false],
    [2, 9, true],
  ])('judges a log that ends at %i in term %i', (index, term, upToDate) => {
    expect(logOf(2, 2, 2).isUpToDate(index, term)).toBe(upToDate);
  });

  test.each([
    [9, 9, 8],
    [8, 4, 6],
    [7, 3, 3],
    [8, 2, 3],
    [8, 0, 2],
  ])('agrees at most, behind index %i of term %i, up to %i', (index, term, last) => {
    expect(logOf(1, 4, 4, 4, 5, 5).lastIndexWithin(index, term)).toBe(last);
  });
});
