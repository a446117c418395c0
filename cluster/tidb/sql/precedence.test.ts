import { expect, test } from 'vitest';
import { expressionTextOf } from '../../../testing/sql-arbitrary.ts';
import { InfixOperator, PrefixOperator } from './keywords.ts';
import { infixLevel, infixOperator, prefixLevel } from './precedence.ts';
import { Comparison, vocabulary } from './tokens.ts';

/** One operator of each level, from the loosest on, as the MySQL manual lists them. */
const ladder = ['OR', 'XOR', 'AND', '=', '|', '&', '<<', '+', '*', '^'];

test('an operator binds more tightly than every one above it in the manual', () => {
  ladder.forEach((loose, i) => {
    for (const tight of ladder.slice(i + 1)) {
      expect(expressionTextOf(`a ${loose} b ${tight} c`)).toBe(`(a ${loose} (b ${tight} c))`);
      expect(expressionTextOf(`a ${tight} b ${loose} c`)).toBe(`((a ${tight} b) ${loose} c)`);
    }
  });
});

test('operators of one level group from the left', () => {
  for (const operator of ladder) {
    const text = expressionTextOf(`a ${operator} b ${operator} c`);
    expect(text).toBe(`((a ${operator} b) ${operator} c)`);
  }
});

test.each([
  ['2*3 DIV 4 % 3', '(((2 * 3) DIV 4) MOD 3)'],
  ['1+2<<3', '((1 + 2) << 3)'],
  ['1|2&3', '(1 | (2 & 3))'],
  ['a XOR b AND c', '(a XOR (b AND c))'],
  ['a || b && c', '(a OR (b AND c))'],
  ['NOT a = b', '(NOT (a = b))'],
  ['NOT a AND b', '((NOT a) AND b)'],
  ['! a = b', '((NOT a) = b)'],
  ['-a ^ b', '((-a) ^ b)'],
  ['- - 1', '(-(-1))'],
  ['a--1', '(a - (-1))'],
  ['5+-2', '(5 + (-2))'],
  ['a IS NULL = 1', '((a IS NULL) = 1)'],
  ['a = b IS NULL', '((a = b) IS NULL)'],
  ['a = b IN (1)', '(a = (b IN (1)))'],
  ['a + 1 LIKE b', '((a + 1) LIKE b)'],
  ['a BETWEEN 1 AND 2 AND c', '((a BETWEEN 1 AND 2) AND c)'],
  ['NOT a BETWEEN 1 + 1 AND 2', '(NOT (a BETWEEN (1 + 1) AND 2))'],
  ['BINARY a = b', '((BINARY a) = b)'],
  ["a || b COLLATE utf8mb4_bin = 'x'", "(a OR ((b COLLATE 'utf8mb4_bin') = 'x'))"],
  ['CASE a WHEN 1 THEN b END + 1', '(CASE a WHEN 1 THEN b END + 1)'],
  ['a + INTERVAL 1 DAY', '(a + INTERVAL 1 DAY)'],
  ['a -> "$.b" = 1', "((a -> '$.b') = 1)"],
])('%s is %s', (text, grouped) => {
  expect(expressionTextOf(text)).toBe(grouped);
});

test.each(['a LIKE b LIKE c', 'a IN (1) IN (2)', '1 + NOT 2', 'a BETWEEN 1 AND 2 + NOT 3'])(
  '%s is an error',
  (text) => {
    expect(() => expressionTextOf(text)).toThrow('near');
  },
);

test('every operator token has its row in the table', () => {
  for (const type of vocabulary) {
    const categories = type.CATEGORIES ?? [];
    const index = type.tokenTypeIdx ?? 0;
    if (categories.includes(InfixOperator) || categories.includes(Comparison)) {
      expect([type.name, infixLevel(index) > 0, infixOperator(index)]).toEqual([
        type.name,
        true,
        expect.any(String),
      ]);
    }
    if (categories.includes(PrefixOperator)) expect(prefixLevel(index)).toBeGreaterThan(0);
  }
});
