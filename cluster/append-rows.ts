import type { Column, IntColumn } from './column.ts';

/**
 * Appends rows of `from` to `to`: those listed in `rows[0..count)`, or the run `[start,
 * start+count)` when `rows` is undefined. Both columns are of one kind and, for strings, one
 * dictionary.
 */
export function appendRows(
  to: Column,
  from: Column,
  rows: Int32Array | undefined,
  start: number,
  count: number,
): void {
  if (from.vacant) {
    appendNulls(to, count);
    return;
  }
  if (to.vacant) to.furnish();
  if (to.kind === 'string' && from.kind === 'string') {
    to.reserve(to.length + count);
    appendTyped(to.codes, to.length, from.codes, rows, start, count);
    to.length += count;
  } else if (to.kind === 'real' && from.kind === 'real') {
    to.reserve(to.length + count);
    appendTyped(to.floats, to.length, from.floats, rows, start, count);
    to.length += count;
  } else if (to.kind === 'int' && from.kind === 'int') {
    appendInts(to, from, rows, start, count);
  } else throw new Error(`cannot append a ${from.kind} column to a ${to.kind} column`);
}

function appendNulls(to: Column, count: number): void {
  if (to.vacant) to.furnish();
  to.reserve(to.length + count);
  for (let i = 0; i < count; i++) to.set(to.length + i, null);
  to.length += count;
}

function appendInts(
  to: IntColumn,
  from: IntColumn,
  rows: Int32Array | undefined,
  start: number,
  count: number,
): void {
  if (from.bigs !== undefined) to.widen();
  to.reserve(to.length + count);
  if (to.bigs === undefined) appendTyped(to.floats, to.length, from.floats, rows, start, count);
  else if (from.bigs === undefined) {
    for (let i = 0; i < count; i++) {
      to.set(to.length + i, from.get(rows === undefined ? start + i : (rows[i] as number)));
    }
  } else {
    if (rows === undefined || count <= FEW_ROWS) {
      appendTyped(to.bigs, to.length, from.bigs, rows, start, count);
    } else appendWords(wordsOf(to.bigs, to.length), wordsOf(from.bigs, 0), rows, count);
    appendTyped(to.nulls as Uint8Array, to.length, from.nulls as Uint8Array, rows, start, count);
  }
  to.length += count;
}

/** So few are copied one by one: a view of them would cost more to make. */
const FEW_ROWS = 48;

type Typed = Float64Array | Int32Array | Uint8Array | BigInt64Array;

function appendTyped<T extends Typed>(
  to: T,
  at: number,
  from: T,
  rows: Int32Array | undefined,
  start: number,
  count: number,
): void {
  if (rows === undefined) {
    if (count > FEW_ROWS) {
      to.set(from.subarray(start, start + count) as never, at);
      return;
    }
    for (let i = 0; i < count; i++) to[at + i] = from[start + i] as never;
    return;
  }
  for (let i = 0; i < count; i++) to[at + i] = from[rows[i] as number] as never;
}

/** 64-bit integers from `start` on in two words each: to read one whole would make an object. */
function wordsOf({ buffer, byteOffset }: BigInt64Array, start: number): Int32Array {
  return new Int32Array(buffer, byteOffset + 8 * start);
}

function appendWords(to: Int32Array, from: Int32Array, rows: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    to[2 * i] = from[2 * row] as number;
    to[2 * i + 1] = from[2 * row + 1] as number;
  }
}
