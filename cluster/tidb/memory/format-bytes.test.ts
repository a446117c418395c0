import { expect, test } from 'vitest';
import { formatBytes } from './format-bytes.ts';

test.each([
  [0, '0 Bytes'],
  [885, '885 Bytes'],
  [1024, '1024 Bytes'],
  [1025, '1.00 KB'],
  [4096, '4 KB'],
  [8432, '8.23 KB'],
  [1_048_576, '1024 KB'],
  [1_023_988, '1000.0 KB'],
  [629_145_605, '600.0 MB'],
  [1_073_741_824, '1024 MB'],
  [1_385_689_313, '1.29 GB'],
])('%d bytes are printed as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
