import { describe, expect, it } from 'vitest';
import { sampleReport } from '../testing/sample-report.ts';
import { lastLines, renderText } from './text.ts';

const plain = { colour: false };
/** What every colour sequence of a terminal begins with. */
const ESCAPE = String.fromCharCode(27);

describe('the report on a terminal', () => {
  it('ends with verdict, cause, report path and replay command', () => {
    const lines = renderText(sampleReport({ verdict: 'invalid' }), plain)
      .trimEnd()
      .split('\n');
    expect(lines.slice(-4)).toEqual([
      '✗ invalid',
      'The balances of all accounts sum to 97 instead of 0: posting #41234 credited account 17 ' +
        'but did not debit account 4.',
      'report: store/ledger/20261121T070000-7/report.html',
      "replay: npx wavetank replay 'store/ledger/20261121T070000-7'",
    ]);
  });

  it('names each check that did not hold, with its time, and none that did', () => {
    const text = renderText(sampleReport({ verdict: 'invalid' }), plain);
    expect(text).toContain('✗ ledger.sum-is-zero at 0:37:12: The balances');
    expect(text).not.toContain('ledger.acked-visible');
  });

  it('says what the nemesis was doing at the first violation', () => {
    const text = renderText(sampleReport({ verdict: 'invalid' }), plain);
    expect(text).toContain('the last, kill tidb-1, had ended');
  });

  it('counts what happened', () => {
    const text = renderText(sampleReport({ verdict: 'valid' }), plain);
    expect(text).toContain('642,113 ok, 1,841 fail, 312 info');
    expect(text).toContain('17 injected, 16 took effect, 17 healed');
    expect(text).toContain('1:00:00 simulated in 3.2 s (1,119×)');
  });

  it('keeps the cause on one line whatever an error message brought along', () => {
    const report = sampleReport({ verdict: 'unknown' });
    const summary = { ...report.summary, cause: 'first\n  second\r\nthird' };
    expect(lastLines({ ...report, summary }, plain).split('\n')).toHaveLength(4);
  });

  it('colours only when asked to', () => {
    const report = sampleReport({ verdict: 'unknown' });
    expect(renderText(report, plain)).not.toContain(ESCAPE);
    expect(renderText(report, { colour: true })).toContain(ESCAPE);
  });
});
