import type { Column } from '../../column.ts';
import type { Dictionary } from '../../dictionary.ts';
import type { Bound, Sought, Stored } from '../../key.ts';
import { compareStored } from './bound.ts';

const TWO_32 = 4294967296;
/** How `Sought.numbers` are laid out. */
const NUMBERS = 3;
const HIGH = 1;
const LOW = 2;

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
  const numbers = new Array<number>(NUMBERS * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Stored;
    const at = NUMBERS * i;
    if (typeof value === 'string') {
      const code = dictionary.code(value);
      numbers[at] = order.label(code);
      numbers[at + HIGH] = code;
      numbers[at + LOW] = 0;
    } else if (typeof value === 'bigint') {
      numbers[at] = Number(value);
      numbers[at + HIGH] = Number(BigInt.asIntN(32, value >> 32n));
      numbers[at + LOW] = Number(value & 0xffffffffn);
    } else {
      const high = Math.floor((value ?? 0) / TWO_32);
      numbers[at] = value ?? Number.NEGATIVE_INFINITY;
      numbers[at + HIGH] = high;
      numbers[at + LOW] = (value ?? 0) - high * TWO_32;
    }
  }
  return { dictionary, version, numbers };
}

/** What the `i`-th value sorts by, as a double; undefined if there are fewer. */
export function leadOf({ numbers }: Sought, i: number): number | undefined {
  return numbers[NUMBERS * i];
}

/** Code of the `i`-th value, a string. */
export function codeOf({ numbers }: Sought, i: number): number {
  return numbers[NUMBERS * i + HIGH] as number;
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
  const lead = sought.numbers[NUMBERS * i] as number;
  if (column.kind === 'string') {
    const code = column.codes[row] as number;
    if (code < 0) return -1;
    return dictionary.order.label(code) - lead;
  }
  if (column.bigs === undefined) {
    const own = column.floats[row] as number;
    return Number.isNaN(own) ? -1 : own - lead;
  }
  if ((column.nulls as Uint8Array)[row] === 1) return -1;
  const { words } = column;
  const high = (words[2 * row + 1] as number) - (sought.numbers[NUMBERS * i + HIGH] as number);
  if (high !== 0) return high;
  return ((words[2 * row] as number) >>> 0) - (sought.numbers[NUMBERS * i + LOW] as number);
}
