import { expect, test } from 'vitest';
import { type Column, newColumn } from '../../column.ts';
import { Dictionary } from '../../dictionary.ts';
import type { Stored } from '../../key.ts';
import type { Chunk } from '../chunk.ts';
import { BIGINT, decimalType, type SqlType, storageKind, TEXT } from '../sql/catalog-type.ts';
import { capacityOf, chunkBytes, columnBytes, encodedChunkBytes, rowBytes } from './chunk-bytes.ts';

const dictionary = new Dictionary();

function chunk(types: readonly SqlType[], rows: readonly (readonly Stored[])[]): Chunk {
  const columns = types.map((type, i): Column => {
    const column = newColumn(storageKind(type), dictionary);
    for (const row of rows) column.push(row[i] as Stored);
    return column;
  });
  return { columns, length: rows.length };
}

const numbers = (count: number): Chunk =>
  chunk(
    [BIGINT],
    Array.from({ length: count }, (_, i) => [i]),
  );

test('256 integers in a chunk for 1024 take 8432 bytes, and 4096 on disk', () => {
  expect(chunkBytes(numbers(256), [BIGINT], 1024)).toBe(8432);
  expect(rowBytes(numbers(256), [BIGINT])).toBe(4096);
});

test('an integer is eight bytes on the wire, a string its length and an offset', () => {
  expect(encodedChunkBytes(numbers(1000), [BIGINT])).toBe(8 + 8 * 1000);
  const texts = chunk([TEXT], [['ab'], ['cde'], ['']]);
  expect(encodedChunkBytes(texts, [TEXT])).toBe(8 + 8 * 4 + 5);
});

test('a bitmap travels only where something is NULL, and NULL takes no cell on disk', () => {
  const rows = chunk(
    [BIGINT, TEXT],
    [
      [1, null],
      [null, 'ä€😀'],
    ],
  );
  const types = [BIGINT, TEXT];
  expect(encodedChunkBytes(rows, types)).toBe(8 + 1 + 16 + (8 + 1 + 8 * 3 + 9));
  expect(rowBytes(rows, types)).toBe(2 * 16 + 8 + 9);
  expect(rowBytes(rows, types, 1, 2)).toBe(16 + 9);
});

test('a column of variable size begins with eight bytes a cell and grows as Go does', () => {
  const empty = 104 + 4 + 8 * 33;
  expect(columnBytes(TEXT, 32, 256)).toBe(empty + 256);
  expect(columnBytes(TEXT, 32, 257)).toBe(empty + 512);
  expect(columnBytes(TEXT, 32, 1025)).toBe(empty + 1280);
  expect(columnBytes(decimalType(30, 2), 32, 0)).toBe(104 + 4 + 32 * 40 + 40);
});

test('chunks of a reader double until they are full size', () => {
  expect([0, 1, 4, 5, 6].map((chunks) => capacityOf(chunks, 1024))).toEqual([
    32, 64, 512, 1024, 1024,
  ]);
});
