import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './go-duration.ts';

test.each([
  ['10m0s', 600_000, '10m0s'],
  ['1h30m', 5_400_000, '1h30m0s'],
  ['500ms', 500, '0s'],
  ['90s', 90_000, '1m30s'],
  ['720h', 2_592_000_000, '720h0m0s'],
])('%s is %i ms and written %s', (text, ms, normal) => {
  expect([parseDuration(text), formatDuration(ms)]).toEqual([ms, normal]);
});

test.each(['', '10', 'm', '10m ', '-1h', '1d'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
