/** Where columns hold NULL. */
import type { Column } from './column.ts';

/** Whether one of the first `rows` rows is NULL. */
export function hasNull(column: Column, rows: number): boolean {
  if (column.nullFree) return false;
  if (column.vacant) return rows > 0;
  if (column.kind === 'string') return firstBelowZero(column.codes, rows);
  if (column.kind === 'int' && column.nulls !== undefined) {
    const at = column.nulls.indexOf(1);
    return at >= 0 && at < rows;
  }
  const { floats } = column;
  for (let row = 0; row < rows; row++) if (Number.isNaN(floats[row])) return true;
  return false;
}

function firstBelowZero(codes: Int32Array, rows: number): boolean {
  for (let row = 0; row < rows; row++) if ((codes[row] as number) < 0) return true;
  return false;
}

/** How many rows of `[from, to)` are NULL. */
export function nullCount(column: Column, from: number, to: number): number {
  if (column.nullFree) return 0;
  if (column.vacant) return to - from;
  let count = 0;
  if (column.kind === 'string') {
    for (let row = from; row < to; row++) if ((column.codes[row] as number) < 0) count++;
  } else if (column.kind === 'int' && column.nulls !== undefined) {
    for (let row = from; row < to; row++) count += column.nulls[row] as number;
  } else {
    for (let row = from; row < to; row++) if (Number.isNaN(column.floats[row])) count++;
  }
  return count;
}
