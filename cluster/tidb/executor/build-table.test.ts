import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkOf, columnAt } from '../../../testing/operator-world.ts';
import type { Stored } from '../../key.ts';
import { BIGINT, type SqlType, TEXT } from '../sql/catalog-type.ts';
import { BuildTable } from './build-table.ts';
import type { StatementContext } from './context.ts';

type Row = readonly Stored[];

/** Keys are columns: nothing of the context is looked at. */
const CONTEXT = {} as StatementContext;

/** Pairs that a table finds, asked for a few at a time, as `probe row: build row`. */
function pairsOf(types: readonly SqlType[], built: readonly Row[][], probed: readonly Row[]) {
  const keys = types.map((type, i) => columnAt(i, type));
  const table = new BuildTable(keys, undefined);
  for (const rows of built) table.add(CONTEXT, chunkOf(types, rows));
  const probe = table.probe(CONTEXT, chunkOf(types, probed), keys);
  const pairs = { probe: new Int32Array(3), build: new Int32Array(3), count: 0 };
  const found: string[] = [];
  do {
    table.match(probe, pairs);
    for (let at = 0; at < pairs.count; at++) found.push(`${pairs.probe[at]}: ${pairs.build[at]}`);
  } while (pairs.count > 0);
  return found;
}

/** The same by comparing everything with everything. */
function expected(built: readonly Row[][], probed: readonly Row[]): string[] {
  const all = built.flat();
  return probed.flatMap((row, at) =>
    all.flatMap((other, number) =>
      row.every((value, i) => value !== null && value === other[i]) ? [`${at}: ${number}`] : [],
    ),
  );
}

const SMALL = fc.constantFrom<Stored>(null, 0, 1, 2, 3, 5);
const LARGE = fc.constantFrom<Stored>(null, -1, 7, 2 ** 40, -(2 ** 40), 0);
const NAME = fc.constantFrom<Stored>(null, 'a', 'b', 'c', '');

describe.each([
  ['small integers', [BIGINT], [SMALL]],
  ['integers of any size', [BIGINT], [LARGE]],
  ['texts and integers', [TEXT, BIGINT], [NAME, LARGE]],
  ['integers and texts', [BIGINT, TEXT], [SMALL, NAME]],
] as const)('a table of %s', (_, types, values) => {
  const rows = (most: number): fc.Arbitrary<Row[]> =>
    fc.array(fc.tuple(...(values as readonly fc.Arbitrary<Stored>[])), { maxLength: most });

  test('finds what is equal, in order of arrival', () => {
    fc.assert(
      fc.property(fc.array(rows(30), { maxLength: 3 }), rows(20), (built, probed) => {
        expect(pairsOf(types, built, probed)).toEqual(expected(built, probed));
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});

test('one first key with many others is found as well as many first keys', () => {
  const skewed = Array.from({ length: 100 }, (_, i): Row => ['a', i]);
  const spread = Array.from({ length: 100 }, (_, i): Row => [`b${i}`, i]);
  const built = [[...skewed, ...spread]];
  const probed: Row[] = [
    ['a', 99],
    ['b7', 7],
    ['b7', 8],
    ['never stored', 1],
  ];
  expect(pairsOf([TEXT, BIGINT], built, probed)).toEqual(['0: 99', '1: 107']);
});
