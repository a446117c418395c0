import { expect, test } from 'vitest';
import { formatRunTime, RUN_TIME_RANGE, SHORT_RUNS } from './swarm-run-time.ts';

test.each([
  ['30s..5m', { fromUs: 30_000_000, toUs: 300_000_000 }],
  ['5m', { fromUs: 300_000_000, toUs: 300_000_000 }],
  ['5m..30s', undefined],
  ['30s..', undefined],
  ['1s..2s..3s', undefined],
  ['500ms..2s', undefined],
  ['10', undefined],
])('a run time of %s', (text, range) => {
  expect(RUN_TIME_RANGE.parse(text)).toEqual(range);
  if (range !== undefined) expect(formatRunTime(range)).toBe(text);
});

test('what is drawn from unless told otherwise is written as it is read', () => {
  expect(RUN_TIME_RANGE.parse(formatRunTime(SHORT_RUNS))).toEqual(SHORT_RUNS);
});
