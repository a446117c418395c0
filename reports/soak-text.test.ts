import { describe, expect, it } from 'vitest';
import { sampleResult, sampleSoakReport } from '../testing/sample-soak.ts';
import { renderSoakText } from './soak-text.ts';

const PLAIN = { colour: false };

describe('the summary of a soak', () => {
  it('says in a few lines what failed, how often, and how to see it again', () => {
    expect(renderSoakText(sampleSoakReport(), PLAIN)).toMatchInlineSnapshot(`
      "seeds        12 of 12 (1..12), ledger
      outcomes     8 valid, 1 hung, 3 invalid
      time         16 min 30 s simulated in 12 min 34 s, median 30× wall time
      nemeses      none in 1 seed; 1 kind drawn, the rarest random_kill in 11 seeds
      determinism  11 seeds run twice, 0 with another trace
      bound        3 failures in 11: 27 % of the seeds fail

      ✗ invalid ×2  ledger.total-zero: summed to -298, not 0, at 0:00:09
        seed 9 (also 11): npx wavetank run ledger --seed=9
      ✗ invalid ×1  ledger.acked-present: acc17 lost a posting
        seed 10: npx wavetank run ledger --seed=10
      ? hung ×1  worker: no result within 900 s of wall time
        seed 12: npx wavetank run ledger --seed=12

      ✗ invalid
      4 of 12 seeds are not valid, in 3 ways
      report: store/index.html
      replay: npx wavetank run ledger --seed=9
      "
    `);
  });

  it('of a clean soak says how much its silence is worth', () => {
    const results = Array.from({ length: 300 }, (_, i) => sampleResult(String(i + 1)));
    const text = renderSoakText(sampleSoakReport(results), PLAIN);
    expect(text).toMatch(
      /0 failures in 300: with 95 % confidence fewer than 1 % of the seeds fail/,
    );
    expect(text).toMatch(
      /✓ valid\neach seed with a result is valid, 300 in all\nreport: store\/index.html\n$/,
    );
  });

  it('of a stopped soak ends with the command that goes on', () => {
    const results = [sampleResult('1')];
    const report = sampleSoakReport(results, { ending: 'stopped', seeds: ['1', '2', '3'] });
    expect(renderSoakText(report, PLAIN)).toMatch(
      /\? unknown\n.*then it was stopped\n.*\nresume: npx wavetank soak --resume store\/soak\/\w+\n$/,
    );
  });

  it('stays short, however much failed and however long a cause', () => {
    const results = Array.from({ length: 200 }, (_, i) => {
      const cause = `${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}\n`.repeat(500);
      return sampleResult(String(i + 1), { outcome: 'invalid', check: 'x', cause });
    });
    const lines = renderSoakText(sampleSoakReport(results), PLAIN).split('\n');
    expect(lines.length).toBeLessThan(40);
    expect(lines.some((line) => /^and 90 more kinds in /.test(line))).toBe(true);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(220);
  });
});
