import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../checker/checker.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { renderJunit } from './junit.ts';

/** The text of an XML document's entities and numbers, decoded. */
function decode(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

/** Fails unless every element is closed in order; enough of XML for what we write. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const body = xml.replace(/^<\?xml[^?]*\?>/, '');
  expect(body.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
  for (const [, close, name, attributes, empty] of body.matchAll(TAG)) {
    if (close === '/') expect(open.pop()).toBe(name);
    else if (empty !== '/') open.push(name as string);
    expect(attributes).toMatch(/^(\s+[a-z]+="[^"<]*")*\s*$/);
  }
  expect(open).toEqual([]);
}

const TAG = /<(\/?)([a-z]+)((?:\s+[a-z]+="[^"]*")*)\s*(\/?)>/g;

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
        expect(decode(message)).toBe(legible(cause));
      }),
      { seed: 10 },
    );
  });
});

/** What of a text XML can hold. */
function legible(text: string): string {
  return [...text].map((char) => (holds(char.codePointAt(0) as number) ? char : '\ufffd')).join('');
}

function holds(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
