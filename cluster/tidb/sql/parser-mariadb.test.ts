import * as fc from 'fast-check';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MariaDb, startMariaDb } from '../../../testing/mariadb.ts';
import { expressionTextOf, flatExpressionArbitrary } from '../../../testing/sql-arbitrary.ts';
import type { BinaryText, LiteralValue } from './ast.ts';
import { parseOne } from './parser.ts';
import { restoreLiteral } from './restore-expression.ts';

let server: MariaDb;

beforeAll(async () => {
  server = await startMariaDb();
}, 120_000);

afterAll(async () => {
  await server?.stop();
});

/** The value of an expression, or the error code. */
async function evaluate(expression: string): Promise<unknown> {
  try {
    const sql = `SELECT ${expression}`;
    const [rows] = await server.connection.query<RowDataPacket[][]>({ sql, rowsAsArray: true });
    return rows[0]?.[0];
  } catch (error) {
    return (error as { errno?: number }).errno;
  }
}

function literalValueOf(spelling: string): LiteralValue {
  const statement = parseOne(`SELECT ${spelling}`);
  const [item] = statement.kind === 'select' ? statement.items : [];
  if (item?.kind !== 'expression' || item.expression.kind !== 'literal') {
    throw new Error(`not a literal: ${spelling}`);
  }
  return item.expression.value;
}

function isBinaryText(value: LiteralValue): value is BinaryText {
  return typeof value === 'object' && value !== null && 'hex' in value;
}

/** UTF-8 bytes as upper-case hexadecimal digits, as HEX() prints them. */
function hexOf(value: string): string {
  return Buffer.from(value, 'utf8').toString('hex').toUpperCase();
}

test('operators group as MariaDB groups them', async () => {
  const property = fc.asyncProperty(flatExpressionArbitrary, async (text) => {
    const grouped = expressionTextOf(text);
    expect([grouped, await evaluate(grouped)]).toEqual([grouped, await evaluate(text)]);
  });
  await fc.assert(property, { seed: 42, numRuns: 4_000 });
});

test.each([
  `''`,
  `'it''s'`,
  `"say ""x"""`,
  String.raw`'a\\b'`,
  String.raw`'tab\tnul\0sub\Zback\bline\n'`,
  String.raw`'\%\_\q\''`,
  `'a' 'b'`,
  `'a' -- c\n "b"`,
  `'a''' 'b'`,
  `N'n'`,
  `_utf8mb4'u'`,
  `x'4d5a'`,
  `X'4D'`,
  '0x4d5A',
  `b'1001101'`,
  '0b01001101',
  `'é𝄞'`,
])('the string %s is worth what MariaDB says', async (spelling) => {
  const value = literalValueOf(spelling);
  const hex = isBinaryText(value) ? value.hex.toUpperCase() : hexOf(String(value));
  expect(hex).toBe(await evaluate(`HEX(${spelling})`));
});

test.each([
  '0',
  '007',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775808',
  '18446744073709551615',
  '18446744073709551616',
  '1.50',
  '.5',
  '00.10',
  '12345678901234567890.12',
])('the number %s is worth what MariaDB says', async (spelling) => {
  const text = restoreLiteral('int', literalValueOf(spelling)).replace(/\.$/, '');
  expect(text).toBe(String(await evaluate(spelling)));
});
