import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Band, layBands, type Span, tickStepUs, ticksUs, usAt, xOf } from './lanes.ts';

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
const CHAR = 6;
const view = { fromUs: 0, toUs: 1000, width: 500 };

function span(fromUs: number, untilUs: number, label = ''): Span {
  return { fromUs, untilUs, label };
}

const spans = fc.array(
  fc
    .tuple(
      fc.integer({ min: -200, max: 1200 }),
      fc.integer({ min: 0, max: 400 }),
      fc.string({ maxLength: 12 }),
    )
    .map(([from, length, label]) => span(from, from + length, label)),
  { maxLength: 30 },
);

describe('bands of a lane', () => {
  it('stand where their time is', () => {
    const [band] = layBands([span(100, 300)], view, CHAR);
    expect(band).toMatchObject({ x: 50, width: 100, row: 0, cutLeft: false, cutRight: false });
  });

  it('are cut at the edges of the view, and say so', () => {
    const [band] = layBands([span(-500, Number.POSITIVE_INFINITY)], view, CHAR);
    expect(band).toMatchObject({ x: 0, width: 500, cutLeft: true, cutRight: true });
  });

  it('outside the view are not drawn', () => {
    expect(layBands([span(-10, -1), span(1001, 1002)], view, CHAR)).toEqual([]);
  });

  it('stay visible however short the fault was', () => {
    const [band] = layBands([span(1000, 1000)], view, CHAR);
    expect(band).toMatchObject({ x: 498, width: 2 });
  });

  it('share a row when one ends as the next begins', () => {
    const rows = layBands([span(0, 10), span(10, 20)], view, CHAR).map((band) => band.row);
    expect(rows).toEqual([0, 0]);
  });

  it('take a second row when they overlap in time', () => {
    const rows = layBands([span(0, 10), span(5, 20)], view, CHAR).map((band) => band.row);
    expect(rows).toEqual([0, 1]);
  });

  it('carry their label inside, else behind them, else not at all', () => {
    const wide = layBands([span(0, 200, 'kill')], view, CHAR);
    expect(wide[0]?.labelX).toBe(4);
    const narrow = layBands([span(0, 10, 'kill')], view, CHAR);
    expect(narrow[0]?.labelX).toBe(9);
    const crowded = layBands([span(0, 10, 'kill'), span(40, 50, '')], view, CHAR);
    expect(crowded[0]?.labelX).toBeUndefined();
  });

  it('never leave the drawing area, nor overlap in time within a row', () => {
    fc.assert(
      fc.property(spans, (all) => {
        const bands = layBands(all, view, CHAR);
        for (const band of bands) {
          expect(band.x).toBeGreaterThanOrEqual(0);
          expect(band.x + band.width).toBeLessThanOrEqual(view.width + 1e-9);
        }
        for (const [a, b] of neighbours(bands)) {
          expect(b.span.fromUs).toBeGreaterThanOrEqual(a.span.untilUs);
        }
      }),
      { seed: 5 },
    );
  });

  it('never let a label run into the next band of its row', () => {
    fc.assert(
      fc.property(spans, (all) => {
        for (const [a, b] of neighbours(layBands(all, view, CHAR))) {
          if (a.labelX === undefined || a.labelX < a.x + a.width) continue;
          expect(a.labelX + a.span.label.length * CHAR).toBeLessThanOrEqual(b.x);
        }
      }),
      { seed: 6 },
    );
  });
});

function neighbours(bands: readonly Band[]): [Band, Band][] {
  return bands.flatMap((a, i): [Band, Band][] => {
    const b = bands.find((other, k) => k > i && other.row === a.row);
    return b === undefined ? [] : [[a, b]];
  });
}

describe('the axis of time', () => {
  it('has marks at round clock steps', () => {
    const hour = { fromUs: 0, toUs: 60 * MINUTE_US, width: 1000 };
    expect(tickStepUs(hour, 90)).toBe(10 * MINUTE_US);
    expect(ticksUs(hour, 90)).toHaveLength(7);
  });

  it('begins at the first round step inside the view', () => {
    const part = { fromUs: 61 * SECOND_US, toUs: 121 * SECOND_US, width: 300 };
    expect(ticksUs(part, 90).map((at) => at / SECOND_US)).toEqual([90, 120]);
  });

  it('finds the moment under a place and the place of a moment', () => {
    const moment = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(moment, (us) => {
        expect(usAt(view, xOf(view, us))).toBeCloseTo(us, 6);
      }),
      { seed: 7 },
    );
  });

  it('keeps its marks apart at any zoom', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 24 * 3600 * SECOND_US }), (length) => {
        const zoomed = { fromUs: 5, toUs: 5 + length, width: 800 };
        const [a, b] = ticksUs(zoomed, 90).map((at) => xOf(zoomed, at));
        if (a !== undefined && b !== undefined) expect(b - a).toBeGreaterThanOrEqual(90);
      }),
      { seed: 8 },
    );
  });
});
