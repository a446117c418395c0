/** Expressions as text, typed as far as it takes for them to mean something, by chance. */
import * as fc from 'fast-check';
import { type Columns, textLiterals } from './sql-tables.ts';

/** Expressions over some columns, by kind. */
export interface Expressions {
  readonly int: fc.Arbitrary<string>;
  readonly decimal: fc.Arbitrary<string>;
  readonly text: fc.Arbitrary<string>;
  readonly truth: fc.Arbitrary<string>;
}

type Texts = fc.Arbitrary<string>;

/** A text with `$` in place of each part. */
function form(template: string, ...parts: readonly Texts[]): Texts {
  return fc.tuple(...parts).map((values) => {
    let next = 0;
    return template.replaceAll('$', () => values[next++] ?? '');
  });
}

function leaf(columns: readonly string[], literals: Texts): Texts {
  if (columns.length === 0) return literals;
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...columns) },
    { weight: 1, arbitrary: literals },
  );
}

const intLiterals = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 5 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('NULL', 'TRUE', '2147483648', '9223372036854775807') },
);
const decimalLiterals = fc.constantFrom('1.5', '0.25', '2.00', '0.0', '10.125');

/** Columns and literals. */
function leaves(columns: Columns): Expressions {
  const int = leaf(columns.int, intLiterals);
  const decimal = leaf(columns.decimal, decimalLiterals);
  const text = leaf(columns.text, fc.constantFrom(...textLiterals));
  const truth = form('$ = $', int, int);
  return { int, decimal, text, truth };
}

const COMPARISONS = ['=', '<', '<=', '>', '>=', '<>', '<=>'];
const compared = (left: Texts, right: Texts): Texts =>
  form('($ $ $)', left, fc.constantFrom(...COMPARISONS), right);

/** What CASE and its relatives make of any kind of value. */
function choices(value: Texts, truth: Texts): Texts[] {
  return [
    form('CASE WHEN $ THEN $ ELSE $ END', truth, value, value),
    form('CASE WHEN $ THEN $ END', truth, value),
    form('CASE $ WHEN $ THEN $ ELSE $ END', value, value, value, value),
    form('IF($, $, $)', truth, value, value),
    form('COALESCE($, $)', value, value),
    form('NULLIF($, $)', value, value),
  ];
}

function intsOver({ int, decimal, text, truth }: Expressions): Texts {
  return fc.oneof(
    { weight: 4, arbitrary: form('($ + $)', int, int) },
    { weight: 4, arbitrary: form('($ - $)', int, int) },
    { weight: 3, arbitrary: form('($ * $)', int, int) },
    form('($ DIV $)', int, int),
    form('($ % $)', int, int),
    form('(-$)', int),
    form('ABS($)', int),
    form('SIGN($)', fc.oneof(int, decimal)),
    form('(~$)', int),
    form('($ & $)', int, int),
    form('($ | $)', int, int),
    form('($ ^ $)', int, int),
    form('($ << 2)', int),
    form('($ >> 1)', int),
    form('GREATEST($, $)', int, int),
    form('LEAST($, $)', int, int),
    form('LENGTH($)', text),
    form('CHAR_LENGTH($)', text),
    form('LOCATE($, $)', text, text),
    form('FLOOR($)', decimal),
    form('CEIL($)', decimal),
    form('CAST($ AS SIGNED)', fc.oneof(int, decimal)),
    truth,
    ...choices(int, truth),
  );
}

function decimalsOver({ int, decimal, truth }: Expressions): Texts {
  const number = fc.oneof(int, decimal);
  return fc.oneof(
    form('($ + $)', decimal, number),
    form('($ - $)', number, decimal),
    form('($ * $)', decimal, number),
    form('($ / $)', number, number),
    form('($ % $)', decimal, number),
    form('(-$)', decimal),
    form('ABS($)', decimal),
    form('ROUND($, 1)', decimal),
    form('TRUNCATE($, 1)', decimal),
    form('GREATEST($, $)', decimal, number),
    form('CAST($ AS DECIMAL(12,3))', number),
    form('IFNULL($, $)', decimal, int),
    ...choices(decimal, truth),
  );
}

function textsOver({ int, decimal, text, truth }: Expressions): Texts {
  return fc.oneof(
    form('CONCAT($, $)', text, fc.oneof(text, int, decimal)),
    form("CONCAT_WS(',', $, $)", text, int),
    form('UPPER($)', text),
    form('LOWER($)', text),
    form('REVERSE($)', text),
    form('TRIM($)', text),
    form("REPLACE($, 'a', 'bc')", text),
    form('LEFT($, $)', text, int),
    form('RIGHT($, 1)', text),
    form('SUBSTRING($, $)', text, int),
    form('SUBSTRING($, $, 2)', text, int),
    form("LPAD($, 4, 'xy')", text),
    form("RPAD($, 3, '*')", text),
    form('REPEAT($, 2)', text),
    form('CAST($ AS CHAR)', fc.oneof(int, decimal)),
    form('GREATEST($, $)', text, text),
    ...choices(text, truth),
  );
}

const PATTERNS = ["'a%'", "'%b'", "'_'", "'%'", "''", "'x\\\\%'", "'%_b%'", "'a_'", "'1%'", "'𝄞'"];

function truthsOver({ int, decimal, text, truth }: Expressions): Texts {
  const number = fc.oneof(int, decimal);
  const not = fc.constantFrom('', ' NOT');
  const is = fc.constantFrom('NULL', 'TRUE', 'FALSE', 'NOT NULL', 'NOT TRUE', 'NOT FALSE');
  return fc.oneof(
    { weight: 3, arbitrary: compared(int, int) },
    { weight: 2, arbitrary: compared(number, number) },
    { weight: 2, arbitrary: compared(text, text) },
    compared(number, text),
    { weight: 2, arbitrary: form('($ AND $)', truth, truth) },
    { weight: 2, arbitrary: form('($ OR $)', truth, truth) },
    form('($ XOR $)', truth, truth),
    form('(NOT $)', truth),
    form('($ IS $)', fc.oneof(int, text, decimal, truth), is),
    between(number, not, (bound) => `${bound} + 0`),
    between(text, not, (bound) => `CONCAT(${bound}, '')`),
    form('($$ IN ($, $, $))', int, not, int, int, int),
    form('($$ IN ($, $))', text, not, text, text),
    form('($$ IN ($, $))', decimal, not, number, decimal),
    form('($$ LIKE $)', text, not, fc.constantFrom(...PATTERNS)),
    form('($$ LIKE $)', int, not, fc.constantFrom("'1%'", "'%2'", "'_'")),
    ...choices(truth, truth).slice(0, 4),
  );
}

/** What a value is not to lie between is never a bare column: see the oracle. */
function between(values: Texts, not: Texts, veiled: (bound: string) => string): Texts {
  return fc.tuple(values, not, values, values).map(([value, negated, low, high]) => {
    const [from, to] = negated === '' ? [low, high] : [veiled(low), veiled(high)];
    return `(${value}${negated} BETWEEN ${from} AND ${to})`;
  });
}

/** Leaves oftener than what is made of them. */
function either(simple: Texts, compound: Texts): Texts {
  return fc.oneof({ weight: 2, arbitrary: simple }, { weight: 3, arbitrary: compound });
}

/** Expressions of at most so many levels. `extra` adds truths of its own, such as subqueries. */
export function expressionsOver(columns: Columns, depth: number, extra?: Texts): Expressions {
  const simple = leaves(columns);
  let current = extra === undefined ? simple : { ...simple, truth: fc.oneof(simple.truth, extra) };
  for (let level = 0; level < depth; level++) {
    const below = current;
    current = {
      int: either(simple.int, intsOver(below)),
      decimal: either(simple.decimal, decimalsOver(below)),
      text: either(simple.text, textsOver(below)),
      truth: either(below.truth, truthsOver(below)),
    };
  }
  return current;
}

/** Conditions that a key can be searched by: a column beside constants. */
export function searchable({ int, decimal, text }: Columns): Texts {
  const whole = fc.oneof(
    fc.integer({ min: -4, max: 6 }).map(String),
    fc.constantFrom('NULL', '-129', '2147483648', '9223372036854775807', '18446744073709551615'),
    fc.constantFrom('-9223372036854775808', '18446744073709551616', '9223372036854775808'),
  );
  const exact = fc.constantFrom('0', '-1', '1.5', '0.255', '-0.005', '99999999.999', '1e0', '3');
  const number = fc.oneof(whole, exact);
  const quoted = fc.constantFrom(...textLiterals);
  const order = fc.constantFrom('<', '<=', '>', '>=');
  const over = (columns: readonly string[], value: Texts, equal: Texts): Texts => {
    if (columns.length === 0) return form('$ = $', value, value);
    const column = fc.constantFrom(...columns);
    return fc.oneof(
      { weight: 2, arbitrary: form('$ $ $', column, order, value) },
      form('$ = $', column, equal),
      form('$ $ $', value, order, column),
      form('$ = $', equal, column),
      form('$ BETWEEN $ AND $', column, value, value),
      form('$ IN ($, $)', column, value, value),
    );
  };
  return fc.oneof(
    { weight: 3, arbitrary: over(int, number, whole) },
    { weight: 2, arbitrary: over(decimal, number, number) },
    { weight: 2, arbitrary: over(text, quoted, quoted) },
  );
}

/** An expression of any kind. */
export function anyOf({ int, decimal, text, truth }: Expressions): Texts {
  return fc.oneof(
    { weight: 3, arbitrary: int },
    { weight: 2, arbitrary: decimal },
    { weight: 2, arbitrary: text },
    { weight: 1, arbitrary: truth },
  );
}
