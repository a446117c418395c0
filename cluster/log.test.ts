import { expect, test } from 'vitest';
import { formatLogLine, formatTime } from './log.ts';

test('virtual time 0 is the evening before the seed run', () => {
  expect(formatTime(0)).toBe('2022/02/22 20:00:00.000 +00:00');
  expect(formatTime(6 * 3600_000 + 3)).toBe('2022/02/23 02:00:00.003 +00:00');
  expect(formatTime(7 * 86_400_000)).toBe('2022/03/01 20:00:00.000 +00:00');
});

test('fields are quoted only where they need it', () => {
  expect(
    formatLogLine(0, 'INFO', 'client.go:774', '[pd] tso stream is not ready', [['dc', 'global']]),
  ).toBe(
    '[2022/02/22 20:00:00.000 +00:00] [INFO] [client.go:774] ["[pd] tso stream is not ready"] [dc=global]',
  );
});
