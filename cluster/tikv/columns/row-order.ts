import type { Column, IntColumn, RealColumn, StringColumn } from '../../column.ts';

/** Bits that a double holds exactly. */
const EXACT_BITS = 53;

/**
 * The rows of columns in order of their values, the first column deciding first, as keys sort. Each
 * row becomes one double: as much of its first value as there is room for, then its number. Those
 * are sorted natively, and only rows that look alike so far are compared value by value. Ten
 * million keys take a few seconds, where comparing whole keys would take a minute.
 */
export function rowOrder(columns: readonly Column[], rows: number): Int32Array {
  const filled = columns.filter(({ vacant }) => !vacant);
  const order = new Int32Array(rows);
  for (const column of filled) if (column.kind === 'string') giveLabels(column, rows);
  const [first] = filled;
  if (first === undefined) {
    for (let row = 0; row < rows; row++) order[row] = row;
    return order;
  }
  const rowSpan = 2 ** Math.max(1, 32 - Math.clz32(rows));
  const prefixes = prefixesOf(first, rows, 2 ** EXACT_BITS / rowSpan);
  const packed = new Float64Array(rows);
  for (let row = 0; row < rows; row++) packed[row] = (prefixes[row] as number) * rowSpan + row;
  // Typed arrays sort by value; a comparator would only make that ten times slower.
  packed.sort(undefined);
  for (let at = 0; at < rows; at++) order[at] = (packed[at] as number) % rowSpan;
  sortTies(order, prefixes, filled);
  return order;
}

/** Sorts each stretch of rows with the same prefix. */
function sortTies(order: Int32Array, prefixes: Float64Array, columns: readonly Column[]): void {
  const comparisons = columns.map(comparisonOf);
  const compare = (a: number, b: number): number => {
    for (const comparison of comparisons) {
      const found = comparison(a, b);
      if (found !== 0) return found;
    }
    return a - b;
  };
  const { length } = order;
  for (let from = 0; from < length; ) {
    const prefix = prefixes[order[from] as number];
    let to = from + 1;
    while (to < length && prefixes[order[to] as number] === prefix) to++;
    if (to - from > 1) order.subarray(from, to).sort(compare);
    from = to;
  }
}

/** Integers of `[0, span)` that never contradict the order of a column's values. */
function prefixesOf(column: Column, rows: number, span: number): Float64Array {
  const values = roughValues(column, rows);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < rows; row++) {
    const value = values[row] as number;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  // NULL comes first, in a place of its own. Halves, because the largest doubles lie too far apart.
  const width = most / 2 - least / 2;
  const scale = width < span / 4 - 1 ? 2 : span / 4 / (width + 1);
  for (let row = 0; row < rows; row++) {
    const value = values[row] as number;
    const place = (value / 2 - least / 2) * scale;
    values[row] = Number.isNaN(value) ? 0 : 1 + Math.floor(place);
  }
  return values;
}

/** A column's values as doubles that never contradict their order; NaN is NULL. */
function roughValues(column: Column, rows: number): Float64Array {
  if (column.kind === 'string') return stringLabels(column, rows);
  const values = new Float64Array(rows);
  if (column.kind === 'real' || column.bigs === undefined) {
    values.set(column.floats.subarray(0, rows));
    return values;
  }
  const { high } = wordsOf(column);
  for (let row = 0; row < rows; row++) {
    const isNull = (column.nulls as Uint8Array)[row] === 1;
    values[row] = isNull ? Number.NaN : (high[2 * row] as number);
  }
  return values;
}

/** A label may move those that were given before it: so all are given before any is read. */
function giveLabels({ codes, dictionary: { order } }: StringColumn, rows: number): void {
  for (let row = 0; row < rows; row++) {
    if ((codes[row] as number) >= 0) order.label(codes[row] as number);
  }
}

/** Ranks of strings: neighbours differ by 1, so that few look alike. */
function stringLabels({ codes, dictionary }: StringColumn, rows: number): Float64Array {
  const { order, strings } = dictionary;
  const used = new Uint8Array(strings.length);
  for (let row = 0; row < rows; row++) {
    if ((codes[row] as number) >= 0) used[codes[row] as number] = 1;
  }
  const distinct = Int32Array.from(used.keys()).filter((code) => used[code] === 1);
  const { labels } = order;
  distinct.sort((a, b) => (labels[a] as number) - (labels[b] as number));
  const ranks = new Float64Array(strings.length);
  for (let rank = 0; rank < distinct.length; rank++) ranks[distinct[rank] as number] = rank;
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const code = codes[row] as number;
    values[row] = code < 0 ? Number.NaN : (ranks[code] as number);
  }
  return values;
}

type Comparison = (a: number, b: number) => number;

function comparisonOf(column: Column): Comparison {
  if (column.kind === 'string') {
    const { codes, dictionary } = column;
    const { labels } = dictionary.order;
    const label = (row: number): number => {
      const code = codes[row] as number;
      return code < 0 ? Number.NaN : (labels[code] as number);
    };
    return (a, b) => compareDoubles(label(a), label(b));
  }
  return column.kind === 'int' && column.bigs !== undefined
    ? wideComparison(column)
    : doubleComparison(column);
}

function doubleComparison({ floats }: IntColumn | RealColumn): Comparison {
  return (a, b) => compareDoubles(floats[a] as number, floats[b] as number);
}

function wideComparison(column: IntColumn): Comparison {
  const { high, low } = wordsOf(column);
  const nulls = column.nulls as Uint8Array;
  return (a, b) => {
    const byNull = (nulls[b] as number) - (nulls[a] as number);
    if (byNull !== 0 || nulls[a] === 1) return byNull;
    const byHigh = (high[2 * a] as number) - (high[2 * b] as number);
    return byHigh !== 0 ? byHigh : (low[2 * a] as number) - (low[2 * b] as number);
  };
}

/** NaN, which is NULL, comes first. */
function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** The halves of 64-bit integers, those of row n at 2n. */
function wordsOf({ bigs }: IntColumn): { readonly high: Int32Array; readonly low: Uint32Array } {
  const { buffer, byteOffset, length } = bigs as BigInt64Array;
  const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
  const [highAt, lowAt] = littleEndian ? [1, 0] : [0, 1];
  return {
    high: new Int32Array(buffer, byteOffset).subarray(highAt, 2 * length),
    low: new Uint32Array(buffer, byteOffset).subarray(lowAt, 2 * length),
  };
}
