/** Columns that share the arrays of others: to be read only. */
import { type Column, IntColumn, RealColumn, StringColumn } from './column.ts';

type Typed = Float64Array | Int32Array | Uint8Array | BigInt64Array;

/** A run of a column's rows. Dear where little is taken of much and kept for long. */
export function columnView(column: Column, start: number, count: number): Column {
  const part = emptyView(column);
  part.length = count;
  part.vacant = column.vacant;
  part.nullFree = column.nullFree;
  if (column.vacant) return part;
  const end = start + count;
  if (part.kind === 'string') part.codes = (column as StringColumn).codes.subarray(start, end);
  else part.floats = (column as IntColumn | RealColumn).floats.subarray(start, end);
  if (part.kind === 'int') {
    part.bigs = (column as IntColumn).bigs?.subarray(start, end);
    part.nulls = (column as IntColumn).nulls?.subarray(start, end);
  }
  return part;
}

/** Whether the rows of `next` from `from` on lie in memory right behind those of a view. */
export function adjoins(view: Column, next: Column, from: number): boolean {
  if (view.vacant || next.vacant || !follows(valuesOf(view), valuesOf(next), from)) return false;
  if (view.kind !== 'int' || view.nulls === undefined) return true;
  const { nulls } = next as IntColumn;
  return nulls !== undefined && follows(view.nulls, nulls, from);
}

/** Lengthens a view by rows that lie right behind it in memory. */
export function lengthenView(view: Column, count: number): void {
  view.length += count;
  if (view.kind === 'string') {
    const { buffer, byteOffset } = view.codes;
    view.codes = new Int32Array(buffer, byteOffset, view.length);
  } else if (view.kind === 'int' && view.bigs !== undefined) {
    view.bigs = new BigInt64Array(view.bigs.buffer, view.bigs.byteOffset, view.length);
    const { buffer, byteOffset } = view.nulls as Uint8Array;
    view.nulls = new Uint8Array(buffer, byteOffset, view.length);
  } else {
    const { buffer, byteOffset } = view.floats;
    view.floats = new Float64Array(buffer, byteOffset, view.length);
  }
}

function emptyView(column: Column): Column {
  if (column.kind === 'string') return new StringColumn(0, column.dictionary);
  return column.kind === 'int' ? new IntColumn(0) : new RealColumn(0);
}

function valuesOf(column: Column): Typed {
  if (column.kind === 'string') return column.codes;
  return (column.kind === 'int' ? column.bigs : undefined) ?? column.floats;
}

function follows(view: Typed, next: Typed, from: number): boolean {
  const { buffer, byteOffset, length, BYTES_PER_ELEMENT: bytes } = view;
  return (
    buffer === next.buffer &&
    bytes === next.BYTES_PER_ELEMENT &&
    byteOffset + length * bytes === next.byteOffset + from * bytes
  );
}
