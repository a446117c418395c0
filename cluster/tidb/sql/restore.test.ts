import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { statementArbitrary, stripped } from '../../../testing/sql-arbitrary.ts';
import { parseOne } from './parser.ts';
import { restore } from './restore.ts';

test('what is restored parses to the same tree', () => {
  fc.assert(
    fc.property(statementArbitrary, (statement) => {
      expect(stripped(parseOne(restore(statement)))).toEqual(statement);
    }),
    { seed: 42, numRuns: 1_000 },
  );
});

test('full parentheses do not change the tree', () => {
  fc.assert(
    fc.property(statementArbitrary, (statement) => {
      const text = restore(statement, { parenthesise: true });
      expect(stripped(parseOne(text))).toEqual(statement);
    }),
    { seed: 43, numRuns: 500 },
  );
});

test('restoring twice changes nothing', () => {
  fc.assert(
    fc.property(statementArbitrary, (statement) => {
      const once = restore(statement);
      expect(restore(parseOne(once))).toBe(once);
    }),
    { seed: 44, numRuns: 300 },
  );
});
