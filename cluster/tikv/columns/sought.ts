import type { Column } from '../../column.ts';
import type { Dictionary } from '../../dictionary.ts';
import type { Bound, Sought, Stored } from '../../key.ts';
import { compareStored } from './bound.ts';

const TWO_32 = 4294967296;

/**
 * What columns are searched by for a bound, made once for all searches on all replicas. Labels of
 * strings stay what they are until the order is spread anew; a new string may do that itself.
 */
export function soughtOf(bound: Bound, dictionary: Dictionary): Sought {
  const { order } = dictionary;
  for (;;) {
    const known = bound.sought;
    if (known?.dictionary === dictionary && known.version === order.version) return known;
    bound.sought = read(bound.values, dictionary);
  }
}

function read(values: readonly Stored[], dictionary: Dictionary): Sought {
  const { order } = dictionary;
  const { version } = order;
  const { length } = values;
  const numbers = new Array<number>(length);
  const highs = new Array<number>(length);
  const lows = new Array<number>(length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Stored;
    if (typeof value === 'string') {
      const code = dictionary.code(value);
      numbers[i] = order.label(code);
      highs[i] = code;
      lows[i] = 0;
    } else if (typeof value === 'bigint') {
      numbers[i] = Number(value);
      highs[i] = Number(BigInt.asIntN(32, value >> 32n));
      lows[i] = Number(value & 0xffffffffn);
    } else {
      const high = Math.floor((value ?? 0) / TWO_32);
      numbers[i] = value ?? Number.NEGATIVE_INFINITY;
      highs[i] = high;
      lows[i] = (value ?? 0) - high * TWO_32;
    }
  }
  return { dictionary, version, numbers, highs, lows };
}

/** How the value at `row` compares with the `i`-th of a bound; NULL comes first. */
export function compareAt(
  column: Column,
  row: number,
  bound: Bound,
  sought: Sought,
  i: number,
  dictionary: Dictionary,
): number {
  const value = bound.values[i] as Stored;
  if (column.vacant || value === null || column.kind === 'real') {
    return compareStored(column.get(row), value);
  }
  if (column.kind === 'string') {
    const code = column.codes[row] as number;
    if (code < 0) return -1;
    return dictionary.order.label(code) - (sought.numbers[i] as number);
  }
  if (column.bigs === undefined) {
    const own = column.floats[row] as number;
    return Number.isNaN(own) ? -1 : own - (sought.numbers[i] as number);
  }
  if ((column.nulls as Uint8Array)[row] === 1) return -1;
  const { words } = column;
  const high = (words[2 * row + 1] as number) - (sought.highs[i] as number);
  return high !== 0 ? high : ((words[2 * row] as number) >>> 0) - (sought.lows[i] as number);
}
