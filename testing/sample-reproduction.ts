import type { ReproductionPageData } from '../reports/reproduction-page-data.ts';
import type { ColumnResult } from '../runner/reproduction.ts';
import { sampleReport } from './sample-report.ts';

/** An invented reproduction for tests of its renderings: one version fails, one does not. */
export function sampleReproduction(): ReproductionPageData {
  const [bad, good] = [sampleReport({ verdict: 'invalid' }), sampleReport({ verdict: 'valid' })];
  const destroy = { kind: 'destroy-token', words: 'destroy one token now' } as const;
  const failed = { kind: 'failed', words: 'command dispatched failed' } as const;
  const columns: ColumnResult[] = [
    {
      ...{ title: 'v5.5.0-nightly', expected: 'invalid', trouble: '', summary: bad.summary },
      lines: [{ ...destroy, count: 14, first: '', detail: '15 … 2 of 15 left' }],
      command: bad.replayCommand,
    },
    {
      ...{ title: 'v8.5.0, the same table', expected: 'valid', trouble: '', summary: good.summary },
      ...{ lines: [], command: good.replayCommand },
    },
  ];
  return {
    report: {
      ...{ schema: 'wavetank.reproduce/1', issue: '32624', seed: '1', columns },
      issueLog: [
        { ...destroy, count: 1, detail: '14 … 2 of 15 left', found: true },
        { ...failed, count: 1, detail: '', found: false },
      ],
      ...{ reproduced: true, differences: [] },
    },
    pictures: [bad, good].map(({ memory, faults, firstViolation }, i) => ({
      ...{ faults, untilUs: 3600e6, link: `../../ledger/${['v5', 'v8'][i] ?? ''}/report.html` },
      ...(memory === undefined ? {} : { memory }),
      ...(firstViolation === undefined ? {} : { firstViolation }),
    })),
  };
}
