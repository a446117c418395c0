import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clock, clockMs, span } from './virtual-time.ts';
import { spells } from './wording.ts';

const SECOND_US = 1_000_000;

describe('virtual time', () => {
  it('is shown as h:mm:ss and cut, never rounded up into a second that has not come', () => {
    expect(clock(0)).toBe('0:00:00');
    expect(clock(59_999_999)).toBe('0:00:59');
    expect(clock((1 * 3600 + 54 * 60 + 48) * SECOND_US)).toBe('1:54:48');
    expect(clock(30 * 3600 * SECOND_US)).toBe('30:00:00');
  });

  it('shows a moment before the start with a minus sign', () => {
    expect(clock(-61 * SECOND_US)).toBe('-0:01:01');
  });

  it('shows milliseconds where operations and log lines are told apart', () => {
    expect(clockMs(1_002_999)).toBe('0:00:01.002');
  });

  it('names a length in the unit a person would use', () => {
    expect(span(850)).toBe('850 µs');
    expect(span(12_540)).toBe('12.5 ms');
    expect(span(42 * SECOND_US)).toBe('42 s');
    expect(span(123 * SECOND_US)).toBe('2 min 03 s');
    expect(span(3900 * SECOND_US)).toBe('1 h 05 min');
  });

  it('rounds into the next unit instead of naming 1000 ms or 60 s', () => {
    expect(span(999_980)).toBe('1 s');
    expect(span(59_960_000)).toBe('1 min 00 s');
  });

  it('sorts as text in the order of time, below ten hours', () => {
    const moment = fc.integer({ min: 0, max: 9 * 3600 * SECOND_US });
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const [low, high] = a <= b ? [a, b] : [b, a];
        expect(clockMs(low) <= clockMs(high)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it('says how often and how long', () => {
    const spell = { count: 1, shortestUs: 5_000_000, medianUs: 5_000_000, longestUs: 5_000_000 };
    expect(spells({ ...spell, count: 0 })).toBe('none');
    expect(spells(spell)).toBe('once, 5 s');
    const three = { ...spell, count: 3, shortestUs: 500_000, longestUs: 61_000_000 };
    expect(spells(three)).toBe('3 times, 500 ms to 1 min 01 s, median 5 s');
  });
});
