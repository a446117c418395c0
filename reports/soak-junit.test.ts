import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../runner/soak-outcome.ts';
import { SAMPLE_RESULTS, sampleResult, sampleSoakReport } from '../testing/sample-soak.ts';
import { assertWellFormed, decodeXml, legible } from '../testing/xml.ts';
import { renderSoakJunit } from './soak-junit.ts';

describe('JUnit XML of a soak', () => {
  it('has one test case a seed', () => {
    const xml = renderSoakJunit(sampleSoakReport(), SAMPLE_RESULTS);
    assertWellFormed(xml);
    expect(xml.match(/<testcase /g)).toHaveLength(12);
    expect(xml).toContain('tests="12" failures="3" errors="1" skipped="0"');
  });

  it('shows every outcome but valid as red, with the command that shows it again', () => {
    for (const outcome of OUTCOMES) {
      const results = [sampleResult('7', { outcome, check: 'x', cause: 'y' })];
      const xml = renderSoakJunit(sampleSoakReport(results), results);
      assertWellFormed(xml);
      const red = /<(failure|error) type="([a-z-]+)"[^>]*>[^<]*replay: npx wavetank run/.exec(xml);
      expect(red?.[2]).toBe(outcome === 'valid' ? undefined : outcome);
      const attribute = red === null ? 'failures="0" errors="0"' : `${red[1]}s="1"`;
      expect(xml).toContain(attribute);
    }
  });

  it('is well-formed and tells the same text, whatever a cause holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (cause) => {
        const results = [sampleResult('7', { outcome: 'invalid', check: 'x', cause })];
        const xml = renderSoakJunit(sampleSoakReport(results), results);
        assertWellFormed(xml);
        const message = /<failure type="invalid" message="([^"]*)"/.exec(xml)?.[1] ?? '';
        expect(decodeXml(message)).toBe(`x: ${legible(cause)}`);
      }),
      { seed: 11 },
    );
  });
});
