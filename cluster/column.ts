/**
 * Typed columns: the only shape in which rows are kept or flow in numbers. A chunk of a query, a
 * leaf of a store and a coprocessor response are all lists of these; no object exists per row.
 *
 * - `int`: a Float64Array while every value is a safe integer, a BigInt64Array from the first
 *   that is not (2.5 times slower to scan, measured, and rare). DATETIME is microseconds in an
 *   `int`.
 * - `real`: a Float64Array.
 * - `string`: Int32Array of codes into a dictionary, so that grouping and joining compare integers.
 *
 * NULL is NaN in floats (MySQL has no NaN), code -1 in strings, and a flag byte beside bigints. A
 * *vacant* column holds nothing but NULLs and has no array yet: half of the ledger's columns stay
 * so. Only stores keep vacant columns; `appendRows` makes dense ones, and kernels see no others.
 */

import type { Dictionary } from './dictionary.ts';
import type { StorageKind, Stored } from './key.ts';

/**
 * A column that is vacant no more has room for so many rows, as many as a leaf holds: to let arrays
 * grow step by step would cost more than what is put into them.
 */
export const FURNISHED_ROWS = 128;

/** What every column can do. Hot loops look at `kind` once and use the typed array directly. */
interface ColumnBase {
  /** Rows in use; the arrays may be longer. */
  length: number;
  /** Every row is NULL and no array has been made. */
  vacant: boolean;
  /** It is known that no row is NULL, and none ever will be; false says nothing. */
  nullFree: boolean;
  get(row: number): Stored;
  set(row: number, value: Stored): void;
  /** Appends a value. */
  push(value: Stored): void;
}

/** 64-bit integers; see the essay above. */
export class IntColumn implements ColumnBase {
  readonly kind = 'int';
  /** Values while all are safe integers; empty once widened. */
  floats: Float64Array;
  private wide: BigInt64Array | undefined = undefined;
  private halves: Int32Array | undefined = undefined;
  /** 1 where NULL; only beside `bigs`. */
  nulls: Uint8Array | undefined = undefined;
  length = 0;
  vacant: boolean;
  nullFree = false;

  constructor(capacity: number) {
    this.vacant = capacity === 0;
    this.floats = capacity === 0 ? EMPTY_FLOATS : new Float64Array(capacity);
  }

  get(row: number): number | bigint | null {
    if (this.vacant) return null;
    if (this.bigs === undefined) {
      const value = this.floats[row] as number;
      return Number.isNaN(value) ? null : value;
    }
    if ((this.nulls as Uint8Array)[row] === 1) return null;
    const high = this.words[2 * row + 1] as number;
    // Most are safe integers, and a BigInt is an object.
    if (high >= -SAFE_HIGH && high < SAFE_HIGH) {
      const value = high * TWO_32 + ((this.words[2 * row] as number) >>> 0);
      if (Number.isSafeInteger(value)) return value;
    }
    return this.bigs[row] as bigint;
  }

  /** Values after widening. */
  get bigs(): BigInt64Array | undefined {
    return this.wide;
  }

  set bigs(bigs: BigInt64Array | undefined) {
    this.wide = bigs;
    this.halves = undefined;
  }

  /** The same as pairs of 32 bits, the lower first: reading them makes no BigInt. */
  get words(): Int32Array {
    if (this.halves === undefined) {
      const { buffer, byteOffset, length } = this.bigs as BigInt64Array;
      this.halves = new Int32Array(buffer, byteOffset, 2 * length);
    }
    return this.halves;
  }

  set(row: number, value: Stored): void {
    if (this.vacant) {
      if (value === null) return;
      this.furnish();
    }
    if (this.bigs === undefined) {
      if (typeof value === 'number') {
        this.floats[row] = value;
        return;
      }
      if (value === null) {
        this.floats[row] = Number.NaN;
        return;
      }
      this.widen();
    }
    this.setWide(row, value);
  }

  push(value: Stored): void {
    if (this.vacant) {
      if (value === null) {
        this.length++;
        return;
      }
      this.furnish();
    }
    this.reserve(this.length + 1);
    this.set(this.length++, value);
  }

  /** Room for `rows` rows. */
  reserve(rows: number): void {
    const capacity = this.bigs === undefined ? this.floats.length : this.bigs.length;
    if (rows <= capacity) return;
    const next = Math.max(rows, capacity * 2, 8);
    if (this.bigs === undefined) {
      const floats = new Float64Array(next);
      floats.set(this.floats);
      this.floats = floats;
      return;
    }
    const bigs = new BigInt64Array(next);
    bigs.set(this.bigs);
    const nulls = new Uint8Array(next);
    nulls.set(this.nulls as Uint8Array);
    this.bigs = bigs;
    this.nulls = nulls;
  }

  /** Makes the array of a vacant column: NULL in every row. */
  furnish(): void {
    this.vacant = false;
    this.floats = new Float64Array(Math.max(FURNISHED_ROWS, this.length)).fill(Number.NaN);
  }

  /** Goes over to 64-bit storage. */
  widen(): void {
    if (this.bigs !== undefined) return;
    if (this.vacant) this.furnish();
    const bigs = new BigInt64Array(this.floats.length);
    const nulls = new Uint8Array(this.floats.length);
    for (let row = 0; row < this.length; row++) {
      const value = this.floats[row] as number;
      if (!Number.isNaN(value)) bigs[row] = BigInt(value);
      else nulls[row] = 1;
    }
    this.bigs = bigs;
    this.nulls = nulls;
    this.floats = EMPTY_FLOATS;
  }

  private setWide(row: number, value: Stored): void {
    (this.nulls as Uint8Array)[row] = value === null ? 1 : 0;
    if (typeof value === 'number') {
      const high = Math.floor(value / TWO_32);
      this.words[2 * row] = value - high * TWO_32;
      this.words[2 * row + 1] = high;
    } else if (value !== null) (this.bigs as BigInt64Array)[row] = BigInt(value);
  }
}

const TWO_32 = 4294967296;
/** Upper half of the first integer that is not safe. */
const SAFE_HIGH = 2097152;
const EMPTY_FLOATS = new Float64Array(0);
const EMPTY_CODES = new Int32Array(0);

/** Doubles. */
export class RealColumn implements ColumnBase {
  readonly kind = 'real';
  floats: Float64Array;
  length = 0;
  vacant: boolean;
  nullFree = false;

  constructor(capacity: number) {
    this.vacant = capacity === 0;
    this.floats = capacity === 0 ? EMPTY_FLOATS : new Float64Array(capacity);
  }

  get(row: number): number | null {
    if (this.vacant) return null;
    const value = this.floats[row] as number;
    return Number.isNaN(value) ? null : value;
  }

  set(row: number, value: Stored): void {
    if (this.vacant) {
      if (value === null) return;
      this.furnish();
    }
    this.floats[row] = value === null ? Number.NaN : Number(value);
  }

  push(value: Stored): void {
    if (this.vacant) {
      if (value === null) {
        this.length++;
        return;
      }
      this.furnish();
    }
    this.reserve(this.length + 1);
    this.set(this.length++, value);
  }

  /** Makes the array of a vacant column: NULL in every row. */
  furnish(): void {
    this.vacant = false;
    this.floats = new Float64Array(Math.max(FURNISHED_ROWS, this.length)).fill(Number.NaN);
  }

  /** Room for `rows` rows. */
  reserve(rows: number): void {
    if (rows <= this.floats.length) return;
    const floats = new Float64Array(Math.max(rows, this.floats.length * 2, 8));
    floats.set(this.floats);
    this.floats = floats;
  }
}

/** Dictionary-coded strings. */
export class StringColumn implements ColumnBase {
  readonly kind = 'string';
  codes: Int32Array;
  readonly dictionary: Dictionary;
  length = 0;
  vacant: boolean;
  nullFree = false;

  constructor(capacity: number, dictionary: Dictionary) {
    this.vacant = capacity === 0;
    this.codes = capacity === 0 ? EMPTY_CODES : new Int32Array(capacity);
    this.dictionary = dictionary;
  }

  get(row: number): string | null {
    if (this.vacant) return null;
    const code = this.codes[row] as number;
    return code < 0 ? null : (this.dictionary.strings[code] as string);
  }

  set(row: number, value: Stored): void {
    if (this.vacant) {
      if (value === null) return;
      this.furnish();
    }
    this.codes[row] = value === null ? -1 : this.dictionary.code(String(value));
  }

  /** As `push`, of a string whose code is known. */
  pushCode(code: number): void {
    if (this.vacant) this.furnish();
    this.reserve(this.length + 1);
    this.codes[this.length++] = code;
  }

  push(value: Stored): void {
    if (this.vacant) {
      if (value === null) {
        this.length++;
        return;
      }
      this.furnish();
    }
    this.reserve(this.length + 1);
    this.set(this.length++, value);
  }

  /** Makes the array of a vacant column: NULL in every row. */
  furnish(): void {
    this.vacant = false;
    this.codes = new Int32Array(Math.max(FURNISHED_ROWS, this.length)).fill(-1);
  }

  /** Room for `rows` rows. */
  reserve(rows: number): void {
    if (rows <= this.codes.length) return;
    const codes = new Int32Array(Math.max(rows, this.codes.length * 2, 8));
    codes.set(this.codes);
    this.codes = codes;
  }
}

/** One typed column. */
export type Column = IntColumn | RealColumn | StringColumn;

/** A new empty column, dense unless `capacity` is 0. */
export function newColumn(kind: StorageKind, dictionary: Dictionary, capacity = 16): Column {
  if (kind === 'int') return new IntColumn(capacity);
  return kind === 'real' ? new RealColumn(capacity) : new StringColumn(capacity, dictionary);
}
