/** Queries over the tables of `sql-tables.ts`, by chance. */
import * as fc from 'fast-check';
import { anyOf, type Expressions, expressionsOver, searchable } from './sql-expression.ts';
import { besides, type Columns, columnsOf, TABLES } from './sql-tables.ts';
import { windowCall } from './sql-window.ts';

type Texts = fc.Arbitrary<string>;

/** A query and whether its ORDER BY leaves no choice. */
export interface GeneratedQuery {
  readonly sql: string;
  readonly ordered: boolean;
}

interface Source {
  readonly from: string;
  readonly columns: Columns;
  /** Columns that tell its rows apart, if any do. */
  readonly unique?: readonly string[];
}

const table = fc.constantFrom(...TABLES);
const comparison = fc.constantFrom('=', '<>', '<', '>=', '<=>');

/** `alias.column` of a kind, at random. */
function pick(columns: readonly string[]): Texts {
  return fc.constantFrom(...columns);
}

/** Subqueries that say true, false or unknown about a row of `outer`, which they may look at. */
function subqueryTruths(outer: Columns): Texts {
  const inner = columnsOf('z');
  const both = expressionsOver(besides(inner, outer), 1);
  const own = expressionsOver(inner, 1);
  const where = fc.oneof(both.truth, own.truth);
  const from = fc.tuple(table, where).map(([name, on]) => `FROM ${name} z WHERE ${on}`);
  const not = fc.constantFrom('', 'NOT ');
  const operand = pick([...outer.int, ...outer.int]);
  // MariaDB looks a negative value up in an unsigned index and forgets the NULLs there.
  const value = fc.oneof(pick(['z.id', 'z.a']), own.int);
  const summary = fc.constantFrom('MAX(z.a)', 'MIN(z.b)', 'COUNT(*)', 'SUM(z.a)', 'AVG(z.d)');
  return fc.oneof(
    fc.tuple(not, from).map(([no, rest]) => `${no}EXISTS (SELECT 1 ${rest})`),
    fc
      .tuple(operand, not, value, from)
      .map(([left, no, item, rest]) => `${left} ${no}IN (SELECT ${item} ${rest})`),
    fc
      .tuple(pick(outer.text), not, from)
      .map(([left, no, rest]) => `${left} ${no}IN (SELECT z.s ${rest})`),
    fc
      .tuple(operand, comparison, summary, from)
      .map(([left, sign, item, rest]) => `${left} ${sign} (SELECT ${item} ${rest})`),
    fc
      .tuple(operand, fc.constantFrom('<', '>=', '=', '<>'), fc.constantFrom('ANY', 'ALL'), from)
      .map(([left, sign, all, rest]) => `${left} ${sign} ${all} (SELECT z.a ${rest})`),
  );
}

/** Expressions over a source, subqueries among the truths. */
function expressionsOf(columns: Columns, depth: number): Expressions {
  return expressionsOver(columns, depth, subqueryTruths(columns));
}

/** Sources: tables, joins of all kinds, derived tables. */
function sources(): fc.Arbitrary<Source> {
  const x = columnsOf('x');
  const y = columnsOf('y');
  const w = columnsOf('w');
  const pair = besides(x, y);
  const on = fc.oneof(joinCondition(x, y), expressionsOver(pair, 1).truth);
  const kind = fc.constantFrom('JOIN', 'LEFT JOIN', 'RIGHT JOIN');
  const one = table.map((name) => ({ from: `${name} x`, columns: x, unique: ['x.id'] }));
  const two = fc.tuple(table, kind, table, on).map(([a, join, b, how]) => ({
    from: `${a} x ${join} ${b} y ON ${how}`,
    columns: pair,
    unique: ['x.id', 'y.id'],
  }));
  const comma = fc.tuple(table, table).map(([a, b]) => ({ from: `${a} x, ${b} y`, columns: pair }));
  const using = fc
    .tuple(table, kind, table, fc.constantFrom('a', 'id, a', 's'))
    .map(([a, join, b, by]) => ({ from: `${a} x ${join} ${b} y USING (${by})`, columns: pair }));
  const three = fc
    .tuple(two, kind, table, fc.oneof(joinCondition(x, w), joinCondition(y, w)))
    .map(([{ from }, join, c, how]) => ({
      from: `${from} ${join} ${c} w ON ${how}`,
      columns: besides(pair, w),
    }));
  const several = {
    weight: 1,
    arbitrary: fc.oneof(comma, using, three, derived(), joinedDerived()),
  };
  return fc.oneof({ weight: 2, arbitrary: one }, { weight: 2, arbitrary: two }, several);
}

/** An equality and perhaps more: what joins by hash are made for. */
function joinCondition(left: Columns, right: Columns): Texts {
  const kinds = fc.constantFrom('int', 'decimal', 'text', 'int', 'text') as fc.Arbitrary<
    keyof Columns
  >;
  const equal = kinds.chain((kind) =>
    fc.tuple(pick(left[kind]), pick(right[kind])).map(([a, b]) => `${a} = ${b}`),
  );
  const more = expressionsOver(besides(left, right), 1).truth;
  return fc.oneof(
    { weight: 3, arbitrary: equal },
    { weight: 1, arbitrary: fc.tuple(equal, more).map(([a, b]) => `${a} AND ${b}`) },
  );
}

const DERIVED_COLUMNS: Columns = { int: ['q.k', 'q.n'], decimal: ['q.e'], text: ['q.t'] };

function derivedText(): Texts {
  const inner = expressionsOver(columnsOf('v'), 1);
  const where = fc.oneof(fc.constant('TRUE'), inner.truth);
  const distinct = fc.constantFrom('', 'DISTINCT ');
  const plain = fc
    .tuple(distinct, inner.int, inner.int, inner.decimal.filter(isWhole), inner.text, table, where)
    .map(
      ([once, k, n, e, t, name, on]) =>
        `(SELECT ${once}${k} AS k, ${n} AS n, ${e} AS e, ${t} AS t FROM ${name} v WHERE ${on}) q`,
    );
  const key = pick(columnsOf('v').int);
  const grouped = fc
    .tuple(key, table, where)
    .map(
      ([k, name, on]) =>
        `(SELECT ${k} AS k, COUNT(*) AS n, SUM(v.d) AS e, MAX(v.s) AS t FROM ${name} v ` +
        `WHERE ${on} GROUP BY ${k}) q`,
    );
  return fc.oneof(plain, grouped);
}

function derived(): fc.Arbitrary<Source> {
  return derivedText().map((from) => ({ from, columns: DERIVED_COLUMNS }));
}

function joinedDerived(): fc.Arbitrary<Source> {
  const x = columnsOf('x');
  return fc
    .tuple(
      table,
      fc.constantFrom('JOIN', 'LEFT JOIN'),
      derivedText(),
      joinCondition(x, DERIVED_COLUMNS),
    )
    .map(([name, join, query, on]) => ({
      from: `${name} x ${join} ${query} ON ${on}`,
      columns: besides(x, DERIVED_COLUMNS),
    }));
}

/**
 * ORDER BY that names every item, in any order, and perhaps a LIMIT. MariaDB miscounts an offset
 * behind DISTINCT.
 */
function tail(
  width: number,
  distinct = false,
): fc.Arbitrary<{ readonly text: string; readonly ordered: boolean }> {
  const positions = Array.from({ length: width }, (_, i) => i + 1);
  const order = fc
    .tuple(
      fc.shuffledSubarray(positions, { minLength: width }),
      fc.array(fc.constantFrom('', ' DESC'), { minLength: width, maxLength: width }),
    )
    .map(([at, ways]) => `ORDER BY ${at.map((each, i) => `${each}${ways[i] ?? ''}`).join(', ')}`);
  const first = fc.oneof(
    fc.constant(''),
    fc.nat(9).map((count) => ` LIMIT ${count}`),
  );
  const window = fc.oneof(
    first,
    fc.tuple(fc.nat(4), fc.nat(4)).map(([offset, count]) => ` LIMIT ${offset}, ${count}`),
    fc.tuple(fc.nat(4), fc.nat(4)).map(([count, offset]) => ` LIMIT ${count} OFFSET ${offset}`),
  );
  return fc.oneof(
    fc.constant({ text: '', ordered: false }),
    fc
      .tuple(order, distinct ? first : window)
      .map(([by, some]) => ({ text: ` ${by}${some}`, ordered: true })),
  );
}

/** Ways to run a query that only TiDB knows of: to MariaDB they are comments. */
const hint = fc
  .constantFrom(
    ...['', '', '', '', 'HASH_AGG()', 'STREAM_AGG()', 'STRAIGHT_JOIN()', 'USE_INDEX(x)'],
    ...['USE_INDEX(x, ka)', 'USE_INDEX(x, kb)', 'IGNORE_INDEX(x, ka, kb)', 'USE_INDEX(y, ks)'],
    ...['MERGE_JOIN(x)', 'MERGE_JOIN(x, y)', 'MERGE_JOIN(y)', 'INL_JOIN(x)', 'INL_JOIN(y)'],
    ...['INL_JOIN(q)', 'HASH_JOIN(x)', 'HASH_JOIN(w, y)', 'STREAM_AGG() MERGE_JOIN(x)'],
  )
  .map((text) => (text === '' ? '' : `/*+ ${text} */ `));

function whereOf(truth: Texts, columns: Columns): Texts {
  const condition = fc.oneof(truth, searchable(columns));
  const conditions = fc.array(condition, { minLength: 1, maxLength: 2 });
  const where = conditions.map((all) => ` WHERE ${all.join(' AND ')}`);
  return fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 3, arbitrary: where });
}

function named(items: readonly string[]): string {
  return items.map((item, i) => `${item} AS c${i}`).join(', ');
}

/** SELECT of expressions, without groups. */
function plainSelect({ from, columns }: Source): fc.Arbitrary<GeneratedQuery> {
  const expressions = expressionsOf(columns, 2);
  const items = fc.array(anyOf(expressions), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(
      hint,
      fc.constantFrom('', '', '', 'DISTINCT '),
      items,
      whereOf(expressions.truth, columns),
    )
    .chain(([how, distinct, list, where]) =>
      tail(list.length, distinct !== '').map(({ text, ordered }) => ({
        sql: `SELECT ${how}${distinct}${named(list)} FROM ${from}${where}${text}`,
        ordered,
      })),
    );
}

/**
 * SELECT of a window function beside a column. MariaDB takes several windows for one where they
 * differ in their directions only.
 */
function windowSelect({ from, columns, unique = [] }: Source): fc.Arbitrary<GeneratedQuery> {
  const beside = pick([...columns.int, ...columns.text]);
  const where = whereOf(expressionsOver(columns, 1).truth, columns);
  const call = windowCall({ columns, unique });
  return fc.tuple(hint, beside, call, where).chain(([how, column, value, on]) =>
    tail(2).map(({ text, ordered }) => ({
      sql: `SELECT ${how}${named([column, value])} FROM ${from}${on}${text}`,
      ordered,
    })),
  );
}

function aggregates({ int, decimal, text }: Expressions): Texts {
  const of = (template: string, arg: Texts): Texts =>
    arg.map((value) => template.replace('$', () => value));
  return fc.oneof(
    fc.constant('COUNT(*)'),
    of('COUNT($)', fc.oneof(int, text)),
    of('COUNT(DISTINCT $)', fc.oneof(int, text, decimal)),
    of('SUM($)', fc.oneof(int, decimal)),
    of('SUM(DISTINCT $)', int),
    of('AVG($)', fc.oneof(int, decimal).filter(isWhole)),
    of('MIN($)', fc.oneof(int, decimal, text)),
    of('MAX($)', fc.oneof(int, decimal, text)),
  );
}

/** SELECT with GROUP BY, or aggregates over everything. */
function groupedSelect({ from, columns }: Source): fc.Arbitrary<GeneratedQuery> {
  const below = expressionsOver(columns, 1);
  const where = whereOf(expressionsOf(columns, 1).truth, columns);
  const column = pick([...columns.int, ...columns.text, ...columns.decimal]);
  const key = fc.oneof(
    column,
    below.int.filter((text) => text.includes('.')),
  );
  const keys = fc.array(key, { maxLength: 2 });
  const functions = fc.array(aggregates(below), { minLength: 1, maxLength: 3 });
  const having = fc.oneof(
    fc.constant(''),
    fc
      .tuple(aggregates(below), comparison, fc.integer({ min: -2, max: 4 }))
      .map(([call, sign, value]) => ` HAVING ${call} ${sign} ${value}`),
  );
  return fc.tuple(hint, keys, functions, where, having).chain(([how, by, calls, on, kept]) => {
    const items = [...by, ...calls];
    const group = by.length === 0 ? '' : ` GROUP BY ${by.join(', ')}`;
    return tail(items.length).map(({ text, ordered }) => ({
      sql: `SELECT ${how}${named(items)} FROM ${from}${on}${group}${kept}${text}`,
      ordered,
    }));
  });
}

const UNION_KINDS: readonly (readonly (keyof Columns)[])[] = [
  ['int'],
  ['int', 'text'],
  ['decimal', 'int'],
  ['text', 'decimal', 'int'],
];

/** No quotient: it has more digits than its type says, which other servers keep longer. */
function isWhole(text: string): boolean {
  return !text.includes(' / ');
}

function setOperation(): fc.Arbitrary<GeneratedQuery> {
  const term = (kinds: readonly (keyof Columns)[]): Texts => {
    const expressions = expressionsOver(columnsOf('x'), 1);
    const items = fc.tuple(...kinds.map((kind) => expressions[kind].filter(isWhole)));
    return fc
      .tuple(items, table, whereOf(expressions.truth, columnsOf('x')))
      .map(([list, name, where]) => `SELECT ${named(list)} FROM ${name} x${where}`);
  };
  const operator = fc.constantFrom('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT');
  return fc.constantFrom(...UNION_KINDS).chain((kinds) =>
    fc
      .tuple(term(kinds), operator, term(kinds), fc.option(fc.tuple(operator, term(kinds))))
      .chain(([left, how, right, more]) =>
        tail(kinds.length).map(({ text, ordered }) => {
          const rest = more === null ? '' : ` ${more[0]} ${more[1]}`;
          return { sql: `${left} ${how} ${right}${rest}${text}`, ordered };
        }),
      ),
  );
}

/** WITH RECURSIVE: chains of rows, a few steps long. */
function recursiveSelect(): fc.Arbitrary<GeneratedQuery> {
  const start = whereOf(expressionsOver(columnsOf('x'), 1).truth, columnsOf('x'));
  const link = fc.constantFrom('y.a = r.k', 'y.id = r.k + 1', 'y.id > r.k', 'y.a <=> r.k');
  const on = fc.oneof(link, fc.tuple(link, expressionsOver(columnsOf('y'), 1).truth));
  const how = fc.constantFrom('UNION ALL', 'UNION');
  const read = fc.constantFrom(
    ...['SELECT k AS c0, n AS c1 FROM r', 'SELECT n AS c0, COUNT(*) AS c1 FROM r GROUP BY n'],
    'SELECT a.k AS c0, b.n AS c1 FROM r a JOIN r b ON a.k = b.k AND a.n < b.n',
  );
  return fc
    .tuple(table, start, how, table, on, fc.integer({ min: 1, max: 3 }), read, tail(2))
    .map(([first, where, union, next, joined, steps, select, { text, ordered }]) => {
      const condition = typeof joined === 'string' ? joined : joined.join(' AND ');
      const seed = `SELECT x.id, 1 FROM ${first} x${where}`;
      const more = `SELECT y.id, r.n + 1 FROM r JOIN ${next} y ON ${condition} WHERE r.n < ${steps}`;
      return {
        sql: `WITH RECURSIVE r (k, n) AS (${seed} ${union} ${more}) ${select}${text}`,
        ordered,
      };
    });
}

/** Any query. */
export const queryArbitrary: fc.Arbitrary<GeneratedQuery> = fc.oneof(
  { weight: 3, arbitrary: sources().chain(plainSelect) },
  { weight: 2, arbitrary: sources().chain(groupedSelect) },
  { weight: 1, arbitrary: setOperation() },
  { weight: 1, arbitrary: sources().chain(windowSelect) },
  { weight: 1, arbitrary: recursiveSelect() },
);
