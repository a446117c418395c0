import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleReport } from '../testing/sample-report.ts';
import { pack } from './pack.ts';
import { bucketNumbers, type PageSeries, ROW_LIMIT, toPageData } from './page-data.ts';

const SECOND_US = 1_000_000;

function unpack(packed: string): unknown {
  return JSON.parse(gunzipSync(Uint8Array.from(Buffer.from(packed, 'base64'))).toString());
}

describe('the data of the page', () => {
  it('keeps a run of an hour whole', () => {
    const report = sampleReport({ verdict: 'valid', bucketSeconds: 1 });
    const [series] = toPageData(report).operations;
    expect(bucketNumbers(series?.bucketDeltas ?? [])).toEqual(Array.from(Array(3600).keys()));
    expect(series?.bucketsMeasured).toBe(3600);
  });

  it('thins a day, but not the minutes around the violation', () => {
    const report = sampleReport({ verdict: 'invalid', hours: 24, bucketSeconds: 1 });
    const series = toPageData(report).operations[0] as PageSeries;
    const buckets = bucketNumbers(series.bucketDeltas);
    expect(buckets.length).toBeLessThan(ROW_LIMIT + 200);
    const atUs = report.firstViolation?.atUs as number;
    const near = buckets.filter((b) => Math.abs(b * SECOND_US - atUs) <= 90 * SECOND_US);
    expect(near).toHaveLength(180);
  });

  it('turns counts into rates by the length of the bucket', () => {
    const report = sampleReport({ verdict: 'valid', bucketSeconds: 10 });
    const [series] = toPageData(report).operations;
    const counted = report.series.operations[0]?.ok[0] as number;
    expect(series?.ok[0]).toBe(counted / 10);
  });

  it('cuts a log line nobody can read, and says by how much', () => {
    const report = sampleReport({ verdict: 'invalid' });
    const violation = report.firstViolation as NonNullable<typeof report.firstViolation>;
    const long = { atUs: violation.atUs, node: 'tidb-0', line: 'x'.repeat(5000) };
    const data = toPageData({ ...report, firstViolation: { ...violation, logs: [long] } });
    const line = data.report.firstViolation?.logs[0]?.line ?? '';
    expect(line.endsWith('… (1000 more characters in the run folder)')).toBe(true);
  });

  it('survives packing whatever strings it holds, and cannot end its script element', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('</script>', '<!--', ']]>', '"\'`', '$&$1', '\u2028\u0000', '😀'),
    );
    fc.assert(
      fc.property(fc.array(nasty), (strings) => {
        const packed = pack(strings);
        expect(packed).toMatch(/^[A-Za-z0-9+/=]*$/);
        expect(unpack(packed)).toEqual(strings);
      }),
      { seed: 9 },
    );
  });
});
