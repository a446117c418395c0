import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Column, downsample, rowsToKeep, type Series } from './downsample.ts';

const value = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: null });

const series: fc.Arbitrary<Series> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 50 }), value, value), { maxLength: 400 })
  .map((rows) => {
    let at = 0;
    return {
      atUs: rows.map(([step]) => {
        at += step;
        return at;
      }),
      columns: [rows.map(([, a]) => a), rows.map(([, , b]) => b)],
    };
  });

function extremes(column: Column): [number, number] {
  const values = column.filter((v): v is number => v !== null);
  return [Math.min(...values), Math.max(...values)];
}

describe('downsampling', () => {
  it('keeps a short series whole', () => {
    const short = { atUs: [1, 2, 3], columns: [[5, null, 7]] };
    expect(downsample(short, 3)).toEqual(short);
  });

  it('keeps the one spike of a flat line', () => {
    const atUs = Array.from({ length: 10_000 }, (_, i) => i);
    const flat = atUs.map((i) => (i === 7777 ? 99 : 1));
    const thinned = downsample({ atUs, columns: [flat] }, 300);
    expect(thinned.atUs.length).toBeLessThanOrEqual(301);
    expect(thinned.atUs).toContain(7777);
  });

  it('keeps every row of the window around a violation', () => {
    const atUs = Array.from({ length: 10_000 }, (_, i) => i);
    const rows = rowsToKeep({ atUs, columns: [atUs] }, 30, { fromUs: 4000, toUs: 4500 });
    const inside = rows.filter((row) => row >= 4000 && row <= 4500);
    expect(inside).toHaveLength(501);
  });

  it('keeps the first row and the last', () => {
    const atUs = Array.from({ length: 1001 }, (_, i) => i);
    const rows = rowsToKeep({ atUs, columns: [] }, 10);
    expect([rows[0], rows.at(-1)]).toEqual([0, 1000]);
  });

  it('shows only rows that were measured, in order, each once', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 100 }), (all, limit) => {
        const rows = rowsToKeep(all, limit);
        expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
        expect(rows.every((row) => row >= 0 && row < all.atUs.length)).toBe(true);
      }),
      { seed: 2 },
    );
  });

  it('keeps the lowest and the highest value of each column, at any limit', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 100 }), (all, limit) => {
        const thinned = downsample(all, limit);
        expect(thinned.columns.map(extremes)).toEqual(all.columns.map(extremes));
      }),
      { seed: 3 },
    );
  });

  it('stays near its limit outside the window', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 5, max: 100 }), (all, limit) => {
        expect(rowsToKeep(all, limit).length).toBeLessThanOrEqual(limit + 1);
      }),
      { seed: 4 },
    );
  });
});
