import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Column, newColumn } from '../../column.ts';
import { Dictionary } from '../../dictionary.ts';
import { encodeTuple, keySpace, type StorageKind, type Stored } from '../../key.ts';
import { rowOrder } from './row-order.ts';

const VALUES: Readonly<Record<StorageKind, fc.Arbitrary<Stored>>> = {
  int: fc.oneof(
    fc.constantFrom<Stored>(null, 0, -1, 2 ** 40, -(2 ** 40)),
    fc.integer({ min: -3, max: 3 }),
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((big) => (Number.isSafeInteger(Number(big)) ? Number(big) : big)),
  ),
  real: fc.oneof(
    fc.constantFrom<Stored>(null, 0, 0.5, -0.5, 1e300, -1e300),
    fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value)),
  ),
  string: fc.oneof(fc.constantFrom<Stored>(null, '', 'a', 'ab', 'b'), fc.string({ maxLength: 3 })),
};

/** Rows of two columns of any kinds. */
const table = fc
  .tuple(
    fc.constantFrom<StorageKind>('int', 'real', 'string'),
    fc.constantFrom<StorageKind>('int', 'real', 'string'),
  )
  .chain(([a, b]) =>
    fc.record({
      kinds: fc.constant([a, b] as const),
      rows: fc.array(fc.tuple(VALUES[a], VALUES[b]), { maxLength: 40 }),
    }),
  );

test('rows are put in the order of their encoded keys, equal ones as they came', () => {
  fc.assert(
    fc.property(table, ({ kinds, rows }) => {
      const space = keySpace({
        tableId: 1,
        indexId: 0,
        name: 't',
        keyKinds: kinds,
        valueKinds: [],
      });
      const dictionary = new Dictionary();
      const columns = kinds.map((kind, at): Column => {
        const column = newColumn(kind, dictionary, 0);
        for (const row of rows) column.push(row[at] as Stored);
        return column;
      });
      const keys = rows.map((row) => encodeTuple(space, row));
      const expected = [...keys.keys()].sort((a, b) => {
        const [left, right] = [keys[a] as string, keys[b] as string];
        return left < right ? -1 : left > right ? 1 : a - b;
      });
      expect([...rowOrder(columns, rows.length)]).toEqual(expected);
    }),
    { seed: 4, numRuns: 500 },
  );
});
