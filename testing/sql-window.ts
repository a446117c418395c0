/** Window functions as text, by chance. */
import * as fc from 'fast-check';
import { expressionsOver } from './sql-expression.ts';
import type { Columns } from './sql-tables.ts';

type Texts = fc.Arbitrary<string>;

/**
 * Rows that are equal in all keys come in any order, and no two servers need agree: what depends on
 * it is asked only of rows that `unique` columns tell apart.
 */
export interface WindowRows {
  readonly columns: Columns;
  /** Columns that no two rows share; empty where there are none. */
  readonly unique: readonly string[];
}

const way = fc.constantFrom('', ' DESC');

function keysOf({ int, decimal, text }: Columns): Texts {
  return fc.constantFrom(...int, ...decimal, ...text);
}

function partitionOf(columns: Columns): Texts {
  // A bare number would be a position.
  const computed = expressionsOver(columns, 1).int.filter((text) => text.includes('.'));
  const some = fc.oneof(keysOf(columns), computed);
  return fc.oneof(
    fc.constant(''),
    some.map((key) => `PARTITION BY ${key} `),
  );
}

/** Keys of ORDER BY, none of them twice: MariaDB stumbles over that. */
function orderKeys(columns: Columns, besides: readonly string[]): fc.Arbitrary<string[]> {
  const key = keysOf(columns).filter((name) => !besides.includes(name));
  return fc
    .uniqueArray(key, { minLength: 1, maxLength: 2 })
    .chain((names) => fc.tuple(...names.map((name) => way.map((how) => name + how))));
}

/** ORDER BY that may leave rows side by side. */
function looseOrder(columns: Columns): Texts {
  return orderKeys(columns, []).map((keys) => `ORDER BY ${keys.join(', ')}`);
}

/** ORDER BY that tells all rows apart. */
function strictOrder({ columns, unique }: WindowRows): Texts {
  const first = fc.oneof(fc.constant([]), orderKeys(columns, unique));
  return fc
    .tuple(first, way)
    .map(([keys, how]) => `ORDER BY ${[...keys, ...unique.map((key) => key + how)].join(', ')}`);
}

/** ROWS between bounds of which the first is not behind the second. */
const rowsFrame: Texts = fc
  .tuple(fc.integer({ min: -4, max: 4 }), fc.nat(4), fc.nat(7))
  .map(([start, width, open]) => {
    const bound = (at: number): string => {
      if (at === 0) return 'CURRENT ROW';
      return at < 0 ? `${-at} PRECEDING` : `${at} FOLLOWING`;
    };
    if (open === 0) return `ROWS BETWEEN UNBOUNDED PRECEDING AND ${bound(start)}`;
    if (open === 1) return `ROWS BETWEEN ${bound(start)} AND UNBOUNDED FOLLOWING`;
    return `ROWS BETWEEN ${bound(start)} AND ${bound(start + width)}`;
  });

const peerFrame = fc.constantFrom(
  ...['', '', 'RANGE UNBOUNDED PRECEDING', 'RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'],
  ...['RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING'],
);

const valueFrame = fc.constantFrom(
  ...['RANGE 2 PRECEDING', 'RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING'],
  ...['RANGE BETWEEN CURRENT ROW AND 3 FOLLOWING', 'RANGE BETWEEN 2 FOLLOWING AND 4 FOLLOWING'],
);

function aggregateCall(columns: Columns): Texts {
  const { int, decimal, text } = expressionsOver(columns, 1);
  const of = (name: string, arg: Texts): Texts => arg.map((value) => `${name}(${value})`);
  const number = fc.oneof(int, decimal).filter((value) => !value.includes(' / '));
  return fc.oneof(
    fc.constant('COUNT(*)'),
    of('COUNT', fc.oneof(int, text)),
    of('SUM', number),
    of('AVG', number),
    fc.constantFrom('MIN', 'MAX').chain((name) => of(name, fc.oneof(number, text))),
  );
}

/** Beyond 63 bits MariaDB answers with all 64 set, and it loses track where rows leave a frame. */
function bitsCall(columns: Columns): Texts {
  const { int } = expressionsOver(columns, 1);
  return fc
    .tuple(fc.constantFrom('BIT_AND', 'BIT_OR', 'BIT_XOR'), int)
    .map(([name, value]) => `${name}(${value} & 4095)`);
}

/** What equal rows answer alike. */
function looseCall({ columns, unique }: WindowRows): Texts {
  const partition = partitionOf(columns);
  const order = looseOrder(columns);
  const rank = fc.constantFrom(
    ...['RANK()', 'DENSE_RANK()', 'FLOOR(1000 * PERCENT_RANK()', 'FLOOR(1000 * CUME_DIST()'],
  );
  const over = (call: string, window: string): string =>
    call.startsWith('FLOOR') ? `${call} OVER (${window}))` : `${call} OVER (${window})`;
  const ranked = fc.tuple(rank, partition, order).map(([call, by, keys]) => over(call, by + keys));
  const summed = fc
    .tuple(aggregateCall(columns), partition, order, peerFrame)
    .map(([call, by, keys, frame]) => over(call, `${by}${keys} ${frame}`));
  const all = fc.oneof(aggregateCall(columns), bitsCall(columns));
  const whole = fc.tuple(all, partition).map(([call, by]) => over(call, by));
  const near = fc
    .tuple(aggregateCall(columns), partition, fc.constantFrom(...unique, 'x.d'), way, valueFrame)
    .map(([call, by, key, how, frame]) => over(call, `${by}ORDER BY ${key}${how} ${frame}`));
  return unique.length === 0
    ? fc.oneof(ranked, summed, whole)
    : fc.oneof(ranked, summed, whole, near);
}

/** What depends on the order of all rows. */
function strictCall(rows: WindowRows): Texts {
  const { columns } = rows;
  const { int, decimal, text } = expressionsOver(columns, 1);
  const value = fc.oneof(int, decimal, text);
  const count = fc.integer({ min: 1, max: 3 });
  const moving = fc.oneof(
    fc.constantFrom('FIRST_VALUE', 'LAST_VALUE').chain((name) => value.map((v) => `${name}(${v})`)),
    fc.tuple(value, count).map(([arg, n]) => `NTH_VALUE(${arg}, ${n})`),
    aggregateCall(columns),
  );
  const placed = fc.oneof(
    fc.constant('ROW_NUMBER()'),
    count.map((n) => `NTILE(${n})`),
    fc
      .tuple(fc.constantFrom('LAG', 'LEAD'), value, fc.constantFrom('', ', 1', ', 2'))
      .map(([name, arg, far]) => `${name}(${arg}${far})`),
  );
  return fc.oneof(
    fc
      .tuple(placed, partitionOf(columns), strictOrder(rows))
      .map(([call, by, keys]) => `${call} OVER (${by}${keys})`),
    fc
      .tuple(moving, partitionOf(columns), strictOrder(rows), rowsFrame)
      .map(([call, by, keys, frame]) => `${call} OVER (${by}${keys} ${frame})`),
  );
}

/** A window function's call. */
export function windowCall(rows: WindowRows): Texts {
  return rows.unique.length === 0 ? looseCall(rows) : fc.oneof(looseCall(rows), strictCall(rows));
}
