import { init, parse as parseElsewhere } from '@guanmingchiu/sqlparser-ts';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  expressionTextOf,
  flatExpressionArbitrary,
  statementArbitrary,
} from '../../../testing/sql-arbitrary.ts';
import { restore } from './restore.ts';

/*
 * sqlparser-rs as a second opinion on shapes: a text, and the same text with the parentheses our
 * parser would set, must be the same tree to it. Left out are its known faults, each settled by
 * MariaDB or by MySQL's grammar: XOR binds like AND; `!` fails; `||` and `&&` are not OR and AND;
 * chains of DIV, MOD and % group to the right; `^`, `~` and the shifts bind too loosely; IN and
 * BETWEEN are on one level with comparisons.
 */
const knownFaults = /\bXOR\b|!(?!=)|\|\||&&|\bDIV\b|\bMOD\b|%|<<|>>|\^|~|\bBETWEEN\b|\bIN\b/;

beforeAll(async () => {
  await init();
});

/** The foreign tree without parentheses and positions; undefined when the text is rejected. */
function shapeOf(text: string): unknown {
  try {
    return shape(parseElsewhere(text, 'mysql'));
  } catch {
    return undefined;
  }
}

function shape(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shape);
  if (typeof node !== 'object' || node === null) return node;
  if ('Nested' in node) return shape(node.Nested);
  const entries = Object.entries(node).filter(([key]) => !/span|token|location/i.test(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, shape(value)]));
}

/** Compares where the other parser accepts the text, and reports how often it did. */
function acceptedShare(arbitrary: fc.Arbitrary<[string, string]>, runs: number): number {
  let accepted = 0;
  const property = fc.property(arbitrary, ([plain, grouped]) => {
    const expected = shapeOf(plain);
    if (expected === undefined) return;
    accepted++;
    expect([plain, shapeOf(grouped)]).toEqual([plain, expected]);
  });
  fc.assert(property, { seed: 42, numRuns: runs });
  return accepted / runs;
}

test('flat expressions group as sqlparser-rs groups them', () => {
  const texts = flatExpressionArbitrary
    .filter((text) => !knownFaults.test(text))
    .map((text): [string, string] => [text, expressionTextOf(text)])
    .map(([plain, grouped]): [string, string] => [`SELECT ${plain}`, `SELECT ${grouped}`]);
  expect(acceptedShare(texts, 2_000)).toBeGreaterThan(0.9);
});

test('statements have the shape that sqlparser-rs sees', () => {
  const texts = statementArbitrary
    .map((tree): [string, string] => [restore(tree), restore(tree, { parenthesise: true })])
    .filter(([plain]) => !knownFaults.test(plain));
  expect(acceptedShare(texts, 500)).toBeGreaterThan(0.5);
});
