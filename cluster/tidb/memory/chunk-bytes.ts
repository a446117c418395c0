/**
 * What TiDB's chunks and their encodings weigh. Nothing of this is allocated: rows live in typed
 * columns of ours, and are charged as if they lay in chunks of Go. Source: TiDB `util/chunk`.
 */
import type { Column } from '../../column.ts';
import { hasNull, nullCount } from '../../column-nulls.ts';
import type { Dictionary } from '../../dictionary.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';

/** `unsafe.Sizeof(chunk.Column{})`. */
const COLUMN_HEADER = 104;
const OFFSET_BYTES = 8;
/** Bytes of data that are set aside for each cell of variable size. */
const INITIAL_CELL = 8;
/** `tidb_init_chunk_size`. */
const INITIAL_ROWS = 32;
const DECIMAL_BYTES = 40;

/** Bytes of a cell of fixed size; undefined for one of variable size. */
export function fixedCellBytes({ kind, name }: SqlType): number | undefined {
  if (kind === 'decimal') return DECIMAL_BYTES;
  if (kind === 'string' || kind === 'null') return undefined;
  return name === 'FLOAT' ? 4 : 8;
}

/**
 * Memory of one column with room for `capacity` rows. `data` is how many bytes its cells take, and
 * matters where their size varies.
 */
export function columnBytes(type: SqlType, capacity: number, data: number): number {
  const bitmap = Math.ceil(capacity / 8);
  const cell = fixedCellBytes(type);
  if (cell !== undefined) return COLUMN_HEADER + bitmap + capacity * cell + cell;
  const offsets = OFFSET_BYTES * (capacity + 1);
  return COLUMN_HEADER + bitmap + offsets + grown(capacity * INITIAL_CELL, data);
}

/** The capacity of the `chunks`-th chunk of a reader, which doubles until `max`. */
export function capacityOf(chunks: number, max: number): number {
  return Math.min(max, INITIAL_ROWS * 2 ** Math.min(chunks, 30));
}

/** Memory of a chunk of TiDB with these rows and room for `capacity` of them. */
export function chunkBytes(chunk: Chunk, types: readonly SqlType[], capacity: number): number {
  let bytes = 0;
  for (const [i, type] of types.entries()) {
    const variable = fixedCellBytes(type) === undefined && chunk.length > 0;
    const data = variable ? dataBytes(chunk.columns[i] as Column, chunk.length) : 0;
    bytes += columnBytes(type, capacity, data);
  }
  return bytes;
}

/** Bytes of a chunk as TiKV sends it, encode type chunk. */
export function encodedChunkBytes(chunk: Chunk, types: readonly SqlType[]): number {
  const rows = chunk.length;
  let bytes = 0;
  for (const [i, type] of types.entries()) {
    const cell = fixedCellBytes(type);
    bytes += 8 + (cell === undefined ? OFFSET_BYTES * (rows + 1) : cell * rows);
    // Of no rows there may be no columns either.
    if (rows === 0) continue;
    const column = chunk.columns[i] as Column;
    if (hasNull(column, rows)) bytes += Math.ceil(rows / 8);
    if (cell === undefined) bytes += dataBytes(column, rows);
  }
  return bytes;
}

/** Bytes of the rows `[from, to)` in a spill file: a size for each cell, then the cells. */
export function rowBytes(
  chunk: Chunk,
  types: readonly SqlType[],
  from = 0,
  to = chunk.length,
): number {
  let bytes = 8 * types.length * (to - from);
  for (const [i, type] of types.entries()) {
    const column = chunk.columns[i] as Column;
    const cell = fixedCellBytes(type);
    if (cell === undefined) bytes += dataBytes(column, to, from);
    else bytes += cell * (to - from - nullCount(column, from, to));
  }
  return bytes;
}

/** Bytes of the cells `[from, to)` of a column of variable size. */
export function dataBytes(column: Column, to: number, from = 0): number {
  if (column.vacant || column.kind !== 'string') return 0;
  const { codes, dictionary } = column;
  const lengths = lengthsOf(dictionary).known();
  let bytes = 0;
  for (let row = from; row < to; ) {
    const code = codes[row] as number;
    const first = row;
    // Rows side by side often hold one string: as they come in order of a key.
    do row++;
    while (row < to && codes[row] === code);
    if (code >= 0) bytes += (row - first) * (lengths[code] as number);
  }
  return bytes;
}

/** Bytes of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Both halves of a surrogate pair count two: four bytes together.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

/** Lengths of a dictionary's strings, computed once each. */
class StringLengths {
  private readonly strings: readonly string[];
  private lengths = new Int32Array(64);
  private learnt = 0;

  constructor(strings: readonly string[]) {
    this.strings = strings;
  }

  /** Lengths by code, of all strings that there are now. */
  known(): Int32Array {
    const { strings } = this;
    if (strings.length > this.lengths.length) {
      const lengths = new Int32Array(Math.max(strings.length, this.lengths.length * 2));
      lengths.set(this.lengths);
      this.lengths = lengths;
    }
    for (; this.learnt < strings.length; this.learnt++) {
      this.lengths[this.learnt] = utf8Bytes(strings[this.learnt] as string);
    }
    return this.lengths;
  }
}

const LENGTHS = new WeakMap<Dictionary, StringLengths>();

function lengthsOf(dictionary: Dictionary): StringLengths {
  let lengths = LENGTHS.get(dictionary);
  if (lengths === undefined) {
    lengths = new StringLengths(dictionary.strings);
    LENGTHS.set(dictionary, lengths);
  }
  return lengths;
}

/** Go's `append`: room for `data` bytes, when `capacity` were there before. */
function grown(capacity: number, data: number): number {
  let room = capacity;
  while (room < data) room = sizeClass(room < 1024 ? room * 2 : room + Math.floor(room / 4));
  return room;
}

/** Small objects of Go come in these sizes, larger ones in pages. Source: Go `sizeclasses.go`. */
const SIZE_CLASSES = [
  ...[8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320],
  ...[352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792],
  ...[2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5120, 5376, 6144, 6528, 6784, 6912, 8192],
  ...[9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576],
  ...[27264, 28672, 32768],
];
const PAGE = 8192;

/** Size class by length in words, of what is small. */
const SMALL_CLASSES = Int32Array.from({ length: 129 }, (_, words) => classOf(words * 8));

function classOf(bytes: number): number {
  return SIZE_CLASSES.find((size) => size >= bytes) ?? Math.ceil(bytes / PAGE) * PAGE;
}

/** What Go really sets aside for an object of so many bytes. */
export function sizeClass(bytes: number): number {
  return bytes <= 1024 ? (SMALL_CLASSES[(bytes + 7) >> 3] as number) : classOf(bytes);
}
