/**
 * Three tables of every kind of column, filled by chance: small values that meet each other, the
 * ends of each type's range, strings that collations tell apart or do not, and NULLs. The columns
 * are always the same, so that queries can be generated apart from the rows; which of them are keys
 * is drawn.
 */
import * as fc from 'fast-check';

/** Columns in sight, by kind, as an expression spells them. */
export interface Columns {
  readonly int: readonly string[];
  readonly decimal: readonly string[];
  readonly text: readonly string[];
}

/** Names of the tables. */
export const TABLES = ['t0', 't1', 't2'] as const;
/** One of the tables. */
export type TableName = (typeof TABLES)[number];

interface Shape {
  readonly columns: string;
  /** Keys beside the primary one, any of which may be there. */
  readonly keys: readonly string[];
  readonly values: readonly fc.Arbitrary<string>[];
}

/** NULL one time in six. */
function orNull(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant('NULL') });
}

function mostly(small: fc.Arbitrary<string>, rare: readonly string[]): fc.Arbitrary<string> {
  const extremes = { weight: 1, arbitrary: fc.constantFrom(...rare) };
  return fc.oneof({ weight: 8, arbitrary: small }, extremes);
}

const small = fc.integer({ min: -4, max: 5 }).map(String);
const natural = fc.nat(6).map(String);
const int = mostly(small, ['2147483647', '-2147483648', '1000000']);
const bigint = mostly(small, ['9223372036854775807', '-9223372036854775808', '9007199254740993']);
const unsigned = mostly(natural, ['18446744073709551615', '9223372036854775808']);

/** Texts that a collation, a comparison with numbers or LIKE may stumble over, as literals. */
export const textLiterals = [
  ...["''", "'a'", "'b'", "'ab'", "'A'", "'a '", "'aB'", "'abc'", "'x%'", "'_'", "'0'", "'1'"],
  ...["'10'", "'1.5'", "'-2'", "'1e1'", "'2x'", "' 3'", "'é'", "'𝄞'", "'it''s'", "'b\\\\'"],
];
const text = fc.constantFrom(...textLiterals);
const money = fc
  .tuple(fc.integer({ min: -400, max: 400 }), fc.constantFrom(1, 25, 100))
  .map(([hundredths, step]) => ((hundredths * step) / 100).toFixed(2));
const fine = fc.integer({ min: -50_000, max: 50_000 }).map((units) => (units / 10_000).toFixed(4));

const SHAPES: Readonly<Record<TableName, Shape>> = {
  t0: {
    columns: 'id INT NOT NULL, a INT, b BIGINT, s VARCHAR(8), d DECIMAL(10,2)',
    keys: ['KEY ka (a)', 'KEY kb (b)', 'KEY ks (s, a)', 'KEY kd (d)'],
    values: [orNull(int), orNull(bigint), orNull(text), orNull(mostly(money, ['99999999.99']))],
  },
  t1: {
    columns: 'id BIGINT NOT NULL, a INT, b BIGINT UNSIGNED, s VARCHAR(8) NOT NULL, d DECIMAL(20,4)',
    keys: ['KEY ka (a, b)', 'KEY kb (b)', 'KEY ks (s)', 'KEY kd (d, a)'],
    values: [
      ...[orNull(small), orNull(unsigned), text],
      orNull(mostly(fine, ['9999999999999999.9999', '-9999999999999999.9999'])),
    ],
  },
  t2: {
    columns: 'id SMALLINT NOT NULL, a TINYINT, b BIGINT NOT NULL, s CHAR(4), d DECIMAL(30,10)',
    keys: ['KEY ka (a)', 'KEY kb (b, s)', 'KEY ks (s)'],
    values: [
      ...[orNull(mostly(small, ['127', '-128'])), bigint],
      orNull(fc.constantFrom(...textLiterals.filter((literal) => literal.length <= 6))),
      orNull(mostly(fine, ['0.0000000001', '12345678901234567890.1234567890'])),
    ],
  },
};

const PRIMARY_KEYS = [
  ', PRIMARY KEY (id) /*T![clustered_index] CLUSTERED */',
  ', PRIMARY KEY (id) /*T![clustered_index] NONCLUSTERED */',
  ', UNIQUE KEY ki (id)',
  '',
];

/** The columns of a table under an alias. */
export function columnsOf(alias: string): Columns {
  return { int: [`${alias}.id`, `${alias}.a`, `${alias}.b`], ...restOf(alias) };
}

function restOf(alias: string): Pick<Columns, 'decimal' | 'text'> {
  return { decimal: [`${alias}.d`], text: [`${alias}.s`] };
}

/** Columns of two sources side by side. */
export function besides(left: Columns, right: Columns): Columns {
  return {
    int: [...left.int, ...right.int],
    decimal: [...left.decimal, ...right.decimal],
    text: [...left.text, ...right.text],
  };
}

/** Values of a row behind its id, as VALUES spells them. */
export function rowArbitrary(name: TableName): fc.Arbitrary<string> {
  return fc.tuple(...SHAPES[name].values).map((values) => values.join(', '));
}

/** The statements that make one table and fill it. */
function tableArbitrary(name: TableName): fc.Arbitrary<string[]> {
  const { columns, keys } = SHAPES[name];
  const row = rowArbitrary(name);
  const rows = fc.oneof(
    { weight: 1, arbitrary: fc.array(row, { maxLength: 2 }) },
    { weight: 4, arbitrary: fc.array(row, { minLength: 4, maxLength: 9 }) },
  );
  return fc
    .tuple(fc.constantFrom(...PRIMARY_KEYS), fc.subarray([...keys]), rows)
    .map(([primary, chosen, tuples]) => {
      const parts = [columns + primary, ...chosen].join(', ');
      const create = `CREATE TABLE ${name} (${parts})`;
      if (tuples.length === 0) return [create];
      const numbered = tuples.map((tuple, i) => `(${i - 1}, ${tuple})`);
      return [create, `INSERT INTO ${name} VALUES ${numbered.join(', ')}`];
    });
}

/** The statements that make all three tables. */
export const tablesArbitrary: fc.Arbitrary<string[]> = fc
  .tuple(...TABLES.map(tableArbitrary))
  .map((tables) => tables.flat());
