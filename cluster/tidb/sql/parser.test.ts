import { expect, test } from 'vitest';
import { type Command, ExpectedError } from '../../../testing/golden-command.ts';
import { runGoldenScripts } from '../../../testing/golden-script.ts';
import { SqlError } from '../../errors.ts';
import type { Statement } from './ast.ts';
import { ParseError } from './parse-error.ts';
import { parse, parseMany, parseOne, SqlParser } from './parser.ts';
import { restore } from './restore.ts';

/** Prints each statement of a text with parentheses around every operator, or its 1064 error. */
function shown({ raw }: Command): string[] {
  try {
    return parseMany(raw).map((statement) => restore(statement, { parenthesise: true }));
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new ExpectedError(error.message.replace(/^.*to use /s, '').trimEnd());
  }
}

runGoldenScripts(new URL('./testdata/parser/', import.meta.url), () => ({ run: shown }));

test('the grammar has no ambiguity but those it names', () => {
  expect(() => new SqlParser(true)).not.toThrow();
});

const LEDGER_INSERT = `INSERT INTO ledger_accounts (
  posting_group_id,
  amount,
  account_id,
  causality_id,
  balance
)
VALUES (
  5577006791947779410,\t-- posting_group_id
  42, \t-- amount
  "acc17", \t-- account_id (A)
  6, \t-- causality_id
  -5+42\t-- (new) balance
), (
  5577006791947779410,   -- posting_group_id
 -42,   -- amount
  "acc3", -- account_id (B)
  9,   -- causality_id
  5-42 -- (new) balance
)`;

test('the posting of the ledger parses with exact integers and free literals in text order', () => {
  const { statements, freeLiterals } = parse(LEDGER_INSERT);
  expect(statements.map((statement) => restore(statement))).toEqual([
    'INSERT INTO ledger_accounts (posting_group_id, amount, account_id, causality_id, balance) ' +
      "VALUES (5577006791947779410, 42, 'acc17', 6, -5 + 42), " +
      "(5577006791947779410, -42, 'acc3', 9, 5 - 42)",
  ]);
  expect(freeLiterals.map((token) => token.payload)).toEqual([
    ...[5577006791947779410n, 42, 'acc17', 6, 5, 42],
    ...[5577006791947779410n, 42, 'acc3', 9, 5, 42],
  ]);
});

test('the verification of the ledger parses: last and total are ordinary names', () => {
  const statement = parseOne(`select sum(balance) total from
 (select account_id, max(causality_id) max_causality_id from ledger_accounts
  group by account_id) last
 join ledger_accounts
 on last.account_id = ledger_accounts.account_id
  and last.max_causality_id = ledger_accounts.causality_id`);
  expect(restore(statement)).toBe(
    'SELECT SUM(balance) AS total FROM (SELECT account_id, MAX(causality_id) AS max_causality_id ' +
      'FROM ledger_accounts GROUP BY account_id) AS last JOIN ledger_accounts ' +
      'ON last.account_id = ledger_accounts.account_id ' +
      'AND last.max_causality_id = ledger_accounts.causality_id',
  );
});

test('a select item remembers how it was written', () => {
  const statement = parseOne('select  a+ 1 , count( * ) c') as Statement & { kind: 'select' };
  expect(statement.items).toMatchObject([
    { text: 'a+ 1', alias: undefined },
    { text: 'count( * )', alias: 'c' },
  ]);
});

test('an error has the code, the state and the words of TiDB', () => {
  const error = new ParseError('SELCT 1', 0, 5);
  expect([error.code, error.sqlState, error.message]).toEqual([
    1064,
    '42000',
    'You have an error in your SQL syntax; check the manual that corresponds to your TiDB ' +
      'version for the right syntax to use line 1 column 5 near "SELCT 1" ',
  ]);
});

test('a long rest of the statement is cut and its length told', () => {
  const text = `selec ${'x'.repeat(3_000)}`;
  expect(() => parseOne(text)).toThrow(`near "${text.slice(0, 2_048)}" (total length 3006)`);
});

test('one statement is wanted: none and two are errors', () => {
  expect(() => parseOne(' /* nothing */ ;')).toThrow(new SqlError(1065, 'Query was empty'));
  expect(() => parseOne('select 1; select 2')).toThrow(ParseError);
  expect(parseMany('select 1; ; select 2;')).toHaveLength(2);
});

test('parameters are numbered from the left', () => {
  const { statements, parameterCount } = parse('update t set a = ? where b = ? limit ?');
  expect(parameterCount).toBe(3);
  expect(statements[0]).toMatchObject({
    assignments: [{ value: { kind: 'parameter', index: 0 } }],
    where: { right: { index: 1 } },
    limit: { count: { index: 2 } },
  });
});
