import { expect, test } from 'vitest';
import { formatLogLine, formatTime } from './log.ts';

test('virtual time 0 is the evening before the seed run', () => {
  expect(formatTime(0)).toBe('2022/02/22 20:00:00.000 +00:00');
  expect(formatTime(6 * 3600_000 + 3)).toBe('2022/02/23 02:00:00.003 +00:00');
  expect(formatTime(7 * 86_400_000)).toBe('2022/03/01 20:00:00.000 +00:00');
});

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['a b', '"a b"'],
  ['a=b', '"a=b"'],
  ['[65,65]', '"[65,65]"'],
  ['C:\\tmp', '"C:\\\\tmp"'],
  ['"Out Of Memory Quota![conn_id=921]"', '"\\"Out Of Memory Quota![conn_id=921]\\""'],
  ['one\n\ttwo\r', '"one\\n\\ttwo\\r"'],
  ['\u0000\b\f', '"\\u0000\\u0008\\u000c"'],
  ['ä<>&\u007f', 'ä<>&\u007f'],
  ['half \ud800', '"half \\ufffd"'],
  ['\udc00', '\\ufffd'],
  ['\ud83d\ude00', '\ud83d\ude00'],
])('the value %j is written %s', (value, written) => {
  expect(formatLogLine(0, 'INFO', 'a.go:1', 'm', [['key', value]])).toBe(
    `[2022/02/22 20:00:00.000 +00:00] [INFO] [a.go:1] [m] [key=${written}]`,
  );
});

test('fields are quoted only where they need it', () => {
  expect(
    formatLogLine(0, 'INFO', 'client.go:774', '[pd] tso stream is not ready', [['dc', 'global']]),
  ).toBe(
    '[2022/02/22 20:00:00.000 +00:00] [INFO] [client.go:774] ["[pd] tso stream is not ready"] [dc=global]',
  );
});
