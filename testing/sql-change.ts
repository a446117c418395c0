/** INSERT, REPLACE, UPDATE and DELETE on the tables of `sql-tables.ts`, by chance. */
import * as fc from 'fast-check';
import { type Expressions, expressionsOver, searchable } from './sql-expression.ts';
import {
  besides,
  type Columns,
  columnsOf,
  rowArbitrary,
  TABLES,
  type TableName,
} from './sql-tables.ts';

type Texts = fc.Arbitrary<string>;

const COLUMNS = 'id, a, b, s, d';
/** Behind `ORDER BY id`, which need not be a key: rows that tie in all of it are the same. */
const NEXT = 'a, b, s, d';
const table = fc.constantFrom(...TABLES);
const id = fc.integer({ min: -2, max: 9 }).map(String);

/** Assignments to some columns, ids among them now and then. */
function assignments(alias: string, over: Expressions, maxLength = 2): Texts {
  const prefix = alias === '' ? '' : `${alias}.`;
  const set = (name: string, value: Texts) => value.map((text) => ({ name, text }));
  const one = fc.oneof(
    { weight: 3, arbitrary: set('a', over.int) },
    { weight: 3, arbitrary: set('b', over.int) },
    { weight: 2, arbitrary: set('s', over.text) },
    { weight: 2, arbitrary: set('d', over.decimal) },
    { weight: 1, arbitrary: set('id', fc.oneof(id, fc.constant(`${prefix}id + 1`))) },
  );
  const some = fc.uniqueArray(one, { minLength: 1, maxLength, selector: ({ name }) => name });
  return some.map((list) => list.map(({ name, text }) => `${prefix}${name} = ${text}`).join(', '));
}

function rowsFor(name: TableName): Texts {
  const row = fc.tuple(id, rowArbitrary(name)).map(([key, values]) => `(${key}, ${values})`);
  return fc.array(row, { minLength: 1, maxLength: 3 }).map((rows) => rows.join(', '));
}

/** Behind VALUES: what to do about rows that are there. */
function onDuplicate(): Texts {
  const sets = fc.constantFrom('a = a + 1', 'b = VALUES(b)', 's = CONCAT(s, 1)', 'id = id + 20');
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: sets.map((set) => ` ON DUPLICATE KEY UPDATE ${set}`) },
  );
}

function inserts(): Texts {
  const verb = fc.constantFrom('INSERT', 'INSERT', 'INSERT IGNORE', 'REPLACE');
  const values = table.chain((name) =>
    fc.tuple(verb, rowsFor(name), onDuplicate()).map(([how, rows, duplicate]) => {
      const rest = how === 'REPLACE' ? '' : duplicate;
      return `${how} INTO ${name} (${COLUMNS}) VALUES ${rows}${rest}`;
    }),
  );
  const where = conditionOver('z');
  const query = fc
    .tuple(verb, table, table, fc.integer({ min: 0, max: 12 }), where)
    .map(
      ([how, into, from, shift, on]) =>
        `${how} INTO ${into} (${COLUMNS}) ` +
        `SELECT z.id + ${shift}, z.a, z.b, z.s, z.d FROM ${from} z WHERE ${on} ORDER BY 1, 2, 3, 4, 5`,
    );
  return fc.oneof({ weight: 2, arbitrary: values }, { weight: 1, arbitrary: query });
}

function conditionOver(alias: string): Texts {
  const columns = columnsOf(alias);
  return fc.oneof(expressionsOver(columns, 1).truth, searchable(columns), fc.constant('TRUE'));
}

function updates(): Texts {
  // Which rows IGNORE leaves out depends on their order.
  const ignore = fc.constantFrom('', '', 'IGNORE ');
  const limit = fc
    .constantFrom(['', ''], ['', ' LIMIT 2'], [' DESC', ''])
    .map(([way, some]) => ` ORDER BY x.id${way}, ${NEXT.replaceAll(/\w/g, 'x.$&')}${some}`);
  const over = expressionsOver(columnsOf('x'), 1);
  const one = fc
    .tuple(ignore, table, assignments('x', over), conditionOver('x'), limit)
    .map(([how, name, set, on, some]) => `UPDATE ${how}${name} x SET ${set} WHERE ${on}${some}`);
  // Which of several partners a row is changed by is anybody's choice: all have the same id.
  const partner: Columns = { int: ['y.id'], decimal: [], text: [] };
  const both = expressionsOver(besides(columnsOf('x'), partner), 1);
  // Nor does MariaDB say which of several assignments to a join comes first.
  const two = fc
    .tuple(table, table, assignments('x', both, 1), conditionOver('y'))
    .map(
      ([left, right, set, on]) =>
        `UPDATE ${left} x, ${right} y SET ${set} WHERE x.id = y.id AND ${on}`,
    );
  return fc.oneof({ weight: 3, arbitrary: one }, { weight: 1, arbitrary: two });
}

function deletes(): Texts {
  const limit = fc
    .constantFrom('', '', ' LIMIT 1', ' DESC LIMIT 2')
    .map((some) => (some === '' ? '' : ` ORDER BY id${some.replace(/( DESC)?/, `$1, ${NEXT}`)}`));
  const one = fc
    .tuple(table, fc.oneof(conditionOver(''), fc.constant('a > 1')), limit)
    .map(
      ([name, on, some]) => `DELETE FROM ${name} WHERE ${on.replaceAll(/(^|\W)\./g, '$1')}${some}`,
    );
  const target = fc.constantFrom('x', 'y', 'x, y');
  const two = fc
    .tuple(target, table, fc.constantFrom('JOIN', 'LEFT JOIN'), table, conditionOver('x'))
    .map(
      ([from, left, join, right, on]) =>
        `DELETE ${from} FROM ${left} x ${join} ${right} y ON x.id = y.a WHERE ${on}`,
    );
  return fc.oneof({ weight: 2, arbitrary: one }, { weight: 1, arbitrary: two });
}

/** Any change of rows. */
export const changeArbitrary: Texts = fc.oneof(
  { weight: 3, arbitrary: inserts() },
  { weight: 3, arbitrary: updates() },
  { weight: 2, arbitrary: deletes() },
);
