import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleResult, sampleSoakReport } from '../testing/sample-soak.ts';
import { OUTCOMES, type Outcome } from './soak-outcome.ts';

function outcomesOf(...outcomes: Outcome[]) {
  return outcomes.map((outcome, i) => sampleResult(String(i + 1), { outcome, check: 'x' }));
}

describe('the report of a soak', () => {
  test('groups failures by what they are, the worst first, then the most frequent', () => {
    const { failures } = sampleSoakReport();
    expect(
      failures.map(({ outcome, signature, count, seeds }) => ({
        outcome,
        signature,
        count,
        seeds,
      })),
    ).toEqual([
      {
        outcome: 'invalid',
        signature: 'ledger.total-zero: summed to N, not N, at T',
        count: 2,
        seeds: ['9', '11'],
      },
      {
        outcome: 'invalid',
        signature: 'ledger.acked-present: accN lost a posting',
        count: 1,
        seeds: ['10'],
      },
      {
        outcome: 'hung',
        signature: 'worker: no result within N s of wall time',
        count: 1,
        seeds: ['12'],
      },
    ]);
    expect(failures[0]?.command).toBe('npx wavetank run ledger --seed=9');
    expect(failures[0]?.runDir).toBe('runs/9/ledger/20261121T094631Z-9');
  });

  test('counts time, and takes the median of speeds from the runs that ended', () => {
    const report = sampleSoakReport();
    expect(report).toMatchObject({ simulatedSeconds: 990, wallSeconds: 754, speedMedian: 30 });
    expect(sampleSoakReport([]).speedMedian).toBe(0);
  });

  test.each<[Outcome[], string, number]>([
    [['valid', 'valid'], 'valid', 0],
    [['valid', 'unknown'], 'unknown', 3],
    [['unknown', 'killed'], 'unknown', 5],
    [['crashed', 'valid'], 'unknown', 5],
    [['hung'], 'unknown', 5],
    [['no-progress', 'crashed'], 'invalid', 4],
    [['no-progress', 'invalid'], 'invalid', 1],
    [['mismatch', 'valid'], 'invalid', 1],
    [[], 'unknown', 3],
  ])('of outcomes %j is %s and ends with exit code %i', (outcomes, verdict, exitCode) => {
    expect(sampleSoakReport(outcomesOf(...outcomes))).toMatchObject({ verdict, exitCode });
  });

  test('of a soak that was stopped is unknown unless there is a failure', () => {
    const stopped = (...outcomes: Outcome[]) =>
      sampleSoakReport(outcomesOf(...outcomes), { ending: 'stopped' });
    expect(stopped('valid')).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(stopped('valid', 'invalid')).toMatchObject({ verdict: 'invalid', exitCode: 1 });
    expect(sampleSoakReport(outcomesOf('valid'), { ending: 'time' }).exitCode).toBe(0);
  });

  test('bounds the rate of failures only when there was none, by what was judged', () => {
    expect(sampleSoakReport(outcomesOf('valid', 'hung', 'unknown')).bound).toEqual({
      ...{ judged: 1, failures: 0, rateBelow: 1 },
    });
    const clean = sampleSoakReport(outcomesOf(...new Array<Outcome>(1000).fill('valid')));
    expect(clean.bound).toEqual({ judged: 1000, failures: 0, rateBelow: 0.003 });
    expect(sampleSoakReport().bound).toEqual({ judged: 11, failures: 3 });
    expect(sampleSoakReport(outcomesOf('hung')).bound).toEqual({ judged: 0, failures: 0 });
  });

  test('never gets better by one more result, and loses none', () => {
    const outcome = fc.constantFrom(...OUTCOMES);
    const order = ['valid', 'unknown', 'invalid'];
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1 }), outcome, (outcomes, last) => {
        const before = sampleSoakReport(outcomesOf(...outcomes));
        const after = sampleSoakReport(outcomesOf(...outcomes, last));
        expect(order.indexOf(after.verdict)).toBeGreaterThanOrEqual(order.indexOf(before.verdict));
        expect(after.exitCode === 0).toBe(before.exitCode === 0 && last === 'valid');
        const counted = Object.values(after.seeds.outcomes).reduce((sum, n) => sum + n, 0);
        expect(counted).toBe(outcomes.length + 1);
        const failed = after.failures.reduce((sum, { count }) => sum + count, 0);
        expect(failed).toBe(counted - after.seeds.outcomes.valid);
      }),
      { seed: 12 },
    );
  });
});
