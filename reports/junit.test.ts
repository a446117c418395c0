import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../checker/checker.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { assertWellFormed, decodeXml, legible } from '../testing/xml.ts';
import { renderJunit } from './junit.ts';

describe('JUnit XML', () => {
  it('has one test case a check', () => {
    const xml = renderJunit(sampleReport({ verdict: 'valid' }));
    assertWellFormed(xml);
    expect(xml.match(/<testcase /g)).toHaveLength(7);
    expect(xml).toContain('tests="7" failures="0" errors="0"');
  });

  it('makes an invalid check a failure that tells how to replay it', () => {
    const xml = renderJunit(sampleReport({ verdict: 'invalid' }));
    expect(xml).toContain('failures="1" errors="0"');
    expect(xml).toMatch(/<failure type="invalid"[^>]*>[^<]*replay: npx wavetank replay/);
  });

  it('makes an unknown check an error, because unknown must not look green', () => {
    const xml = renderJunit(sampleReport({ verdict: 'unknown' }));
    expect(xml).toContain('failures="0" errors="1"');
  });

  it('adds a case for a verdict that no check accounts for', () => {
    const report = sampleReport({ verdict: 'unknown' });
    const xml = renderJunit({ ...report, checks: [] });
    expect(xml).toContain('name="run"><error type="unknown"');
  });

  it('is well-formed and tells the same text, whatever a cause holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (cause) => {
        const check: CheckResult = { name: 'x', verdict: 'invalid', cause, ops: [] };
        const xml = renderJunit({ ...sampleReport({ verdict: 'invalid' }), checks: [check] });
        assertWellFormed(xml);
        const message = /<failure type="invalid" message="([^"]*)"/.exec(xml)?.[1] ?? '';
        expect(decodeXml(message)).toBe(legible(cause));
      }),
      { seed: 10 },
    );
  });
});
