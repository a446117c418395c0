import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { statementArbitrary, stripped } from '../../../testing/sql-arbitrary.ts';
import type { LiteralValue, Statement } from './ast.ts';
import { parseMany } from './parser.ts';
import { restore } from './restore.ts';
import { StatementCache } from './statement-cache.ts';

/** The tree with the literals of a lookup put in place. */
function filled<Node>(tree: Node, literals: readonly LiteralValue[]): Node {
  if (Array.isArray(tree)) return tree.map((node) => filled(node, literals)) as Node;
  if (tree === null || typeof tree !== 'object') return tree;
  if ('kind' in tree && tree.kind === 'literal' && 'ordinal' in tree) {
    if (typeof tree.ordinal !== 'number') return tree;
    return { ...tree, value: literals[tree.ordinal] };
  }
  const entries = Object.entries(tree);
  return Object.fromEntries(entries.map(([key, node]) => [key, filled(node, literals)])) as Node;
}

function lookedUp(cache: StatementCache, text: string): readonly Statement[] {
  const { statements, literals } = cache.lookup(text);
  return filled(statements, literals);
}

/** A statement and a variant of it with other literals in the same places. */
const pairArbitrary = fc
  .tuple(statementArbitrary, fc.integer({ min: 1, max: 1_000 }))
  .map(([statement, shift]): [string, string] => [
    restore(statement),
    restore(shifted(statement, shift)),
  ]);

function shifted<Node>(tree: Node, by: number): Node {
  if (Array.isArray(tree)) return tree.map((node) => shifted(node, by)) as Node;
  if (tree === null || typeof tree !== 'object') return tree;
  if ('type' in tree && tree.type === 'int' && 'value' in tree) {
    return typeof tree.value === 'number' ? { ...tree, value: (tree.value + by) % 2 ** 53 } : tree;
  }
  if ('type' in tree && tree.type === 'string' && 'value' in tree) {
    return { ...tree, value: `${String(tree.value)}'${by}\\` };
  }
  const entries = Object.entries(tree);
  return Object.fromEntries(entries.map(([key, node]) => [key, shifted(node, by)])) as Node;
}

test('a cached tree with the literals of the text equals a fresh parse', () => {
  const cache = new StatementCache(64);
  fc.assert(
    fc.property(pairArbitrary, ([first, second]) => {
      for (const text of [first, second, first]) {
        expect(stripped(lookedUp(cache, text))).toEqual(stripped(parseMany(text)));
      }
    }),
    { seed: 42, numRuns: 400 },
  );
  expect(cache.hits).toBeGreaterThan(400);
  expect(cache.size).toBe(64);
});

test('texts that differ in free literals share one tree', () => {
  const cache = new StatementCache();
  const first = cache.lookup('select a from t where b = "x" and c = 5 limit 1');
  const second = cache.lookup(
    'select a from t where b = "it\'s" and c = 9223372036854775807 limit 1',
  );
  expect(second.statements).toBe(first.statements);
  expect(first.literals).toEqual(['x', 5]);
  expect(second.literals).toEqual(["it's", 9223372036854775807n]);
  expect(cache.hits).toBe(1);
});

test.each([
  ['the limit', 'select a from t limit 1', 'select a from t limit 2'],
  ['a position to order by', 'select a, b from t order by 1', 'select a, b from t order by 2'],
  ['a column name', 'select 1', 'select 2'],
  ['the type of a literal', 'select a from t where b = 1', 'select a from t where b = 1.0'],
  ['the scale of a decimal', 'select a from t where b = 1.5', 'select a from t where b = 1.25'],
  [
    'being unsigned',
    'select a from t where b = 1',
    'select a from t where b = 9223372036854775808',
  ],
  ['digits to leave', 'select a from t where round(b, 1)', 'select a from t where round(b, 2)'],
  ['a setting', 'set @@x = 1', 'set @@x = 2'],
  ['a length', 'create table t (a char(1))', 'create table t (a char(2))'],
  ['a hint', 'select /*+ MAX_EXECUTION_TIME(1) */ a', 'select /*+ MAX_EXECUTION_TIME(2) */ a'],
  ['a word that starts with digits', 'select a from t where b = 1', 'select a from t where b = 1a'],
  ['one more row', 'insert into t values (1)', 'insert into t values (1), (2)'],
])('texts that differ in %s do not share a tree', (_what, first, second) => {
  const cache = new StatementCache();
  cache.lookup(first);
  expect(stripped(cache.lookup(second).statements)).toEqual(stripped(parseMany(second)));
  expect(cache.misses).toBe(2);
});

test('a minus is an operator, not part of the literal', () => {
  const cache = new StatementCache();
  cache.lookup('update t set a = 5+-2');
  expect(cache.lookup('update t set a = 7+-3').literals).toEqual([7, 3]);
  expect(cache.hits).toBe(1);
});

test('the least recently used shape makes room', () => {
  const cache = new StatementCache(2);
  for (const text of ['begin', 'commit', 'begin', 'rollback', 'begin']) cache.lookup(text);
  expect([cache.size, cache.hits, cache.misses]).toEqual([2, 2, 3]);
  cache.lookup('commit');
  expect(cache.misses).toBe(4);
});

test('a text that does not parse is not cached', () => {
  const cache = new StatementCache();
  expect(() => cache.lookup('selec 1')).toThrow('near "selec 1"');
  expect(cache.size).toBe(0);
});

test('parameters are counted over the text', () => {
  expect(new StatementCache().lookup('select ? from t where a = ?').parameterCount).toBe(2);
});
