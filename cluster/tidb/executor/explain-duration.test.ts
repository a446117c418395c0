import { expect, test } from 'vitest';
import { formatGoDuration, formatRounded } from './explain-duration.ts';

test.each([
  [0, '0s'],
  [885, '885ns'],
  [1500, '1.5µs'],
  [4_213_830_000, '4.21383s'],
  [60_000_000_000, '1m0s'],
  [97_400_000_000, '1m37.4s'],
  [3_661_000_000_000, '1h1m1s'],
])('%d ns are %s in Go', (ns, text) => {
  expect(formatGoDuration(ns)).toBe(text);
});

test.each([
  [0, '0s'],
  [1, '1µs'],
  [267, '267µs'],
  [1234, '1.23ms'],
  [9_999, '10ms'],
  [21_512_345, '21.5s'],
  [97_412_000, '1m37.4s'],
  [253_830_000, '4m13.8s'],
])('%d µs are rounded to %s', (us, text) => {
  expect(formatRounded(us)).toBe(text);
});
