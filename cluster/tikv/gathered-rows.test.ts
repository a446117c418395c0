import { expect, test } from 'vitest';
import { type Column, newColumn } from '../column.ts';
import { Dictionary } from '../dictionary.ts';
import { keySpace, type Stored } from '../key.ts';
import type { Leaf } from './columns/leaf.ts';
import { sortIntoLeaves } from './columns/sorted-run.ts';
import { GatheredRows } from './gathered-rows.ts';

const SPACE = keySpace({
  ...{ tableId: 1, indexId: 0, name: 't' },
  ...{ keyKinds: ['string', 'int'], valueKinds: ['real', 'int'] },
});
const BIG = 2n ** 60n;

/** Three leaves of a sorted run, the last of them short; with integers that need 64 bits. */
function imported(dictionary: Dictionary): Leaf[] {
  const columns = (['string', 'int', 'real', 'int'] as const).map((kind) =>
    newColumn(kind, dictionary, 0),
  );
  const rows = 2 * 4096 + 100;
  for (let row = 0; row < rows; row++) {
    const values = [`k${row >> 4}`, row, row % 7 === 0 ? null : row / 2, BIG + BigInt(row)];
    for (const [i, column] of columns.entries()) column.push(values[i] as Stored);
  }
  return sortIntoLeaves(SPACE, dictionary, columns, rows, 7);
}

/** Stretches of leaves, as a scan visits them: leaf, first row, rows. */
type Stretch = readonly [leaf: Leaf, from: number, count: number];

function gather(dictionary: Dictionary, stretches: readonly Stretch[], selects: boolean) {
  const gathered = new GatheredRows(SPACE, [3, 0, 2], dictionary);
  for (const [leaf, from, count] of stretches) {
    const selected = Int32Array.from({ length: count }, (_, at) => from + at);
    gathered.append(leaf, selects ? selected : undefined, from, count);
  }
  return gathered;
}

function valuesOf({ columns, rows }: GatheredRows): Stored[][] {
  return columns.map((column) => Array.from({ length: rows }, (_, row) => column.get(row)));
}

function isLent(column: Column | undefined, leaf: Leaf): boolean {
  const source = leaf.columns[0];
  if (column?.kind !== 'string' || source?.kind !== 'string') throw new Error('no strings');
  return column.codes.buffer === source.codes.buffer;
}

test('neighbouring leaves of an import are lent as one run of rows', () => {
  const dictionary = new Dictionary();
  const [a, b, c] = imported(dictionary) as [Leaf, Leaf, Leaf];
  const stretches = [
    [a, 4000, 96],
    [b, 0, 4096],
    [c, 0, 50],
  ] as const;
  const lent = gather(dictionary, stretches, false);
  expect(lent.rows).toBe(4242);
  expect(isLent(lent.columns[1], a)).toBe(true);
  expect(lent.columns.map(({ nullFree }) => nullFree)).toEqual([true, true, false]);
  expect(valuesOf(lent)).toEqual(valuesOf(gather(dictionary, stretches, true)));
});

test('where another leaf comes in between, everything is copied', () => {
  const dictionary = new Dictionary();
  const [a, , c] = imported(dictionary) as [Leaf, Leaf, Leaf];
  const [, other] = imported(dictionary) as [Leaf, Leaf, Leaf];
  const stretches = [
    [a, 0, 4096],
    [other, 0, 4096],
    [c, 0, 100],
  ] as const;
  const copied = gather(dictionary, stretches, false);
  expect(isLent(copied.columns[1], a)).toBe(false);
  expect(valuesOf(copied)).toEqual(valuesOf(gather(dictionary, stretches, true)));
});

test('when the rows were handed on, the next are gathered from the start', () => {
  const dictionary = new Dictionary();
  const [a, b] = imported(dictionary) as [Leaf, Leaf];
  const gathered = gather(dictionary, [[a, 0, 4096]], false);
  gathered.clear();
  gathered.append(b, undefined, 10, 3);
  expect(valuesOf(gathered)).toEqual(valuesOf(gather(dictionary, [[b, 10, 3]], true)));
});
