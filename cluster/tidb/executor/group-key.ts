import type { Column, IntColumn, StringColumn } from '../../column.ts';
import type { Dictionary } from '../../dictionary.ts';
import { utf8Bytes } from '../memory/chunk-bytes.ts';
import { trimEnd } from '../sql/catalog-keys.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { murmur3 } from './murmur3.ts';

/** Bytes of a partial word of 0 to 9 digits in MySQL's binary decimals. */
const DIGIT_BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/** First byte in UTF-8 of a character that has so many more. */
const LEAD_BYTES = [0, 0xc0, 0xe0, 0xf0];

/** Bytes of a decimal in the group key: flag, precision, scale, and MySQL's binary form. */
function decimalKeyBytes({ length, scale }: SqlType): number {
  const part = (digits: number): number =>
    4 * Math.floor(digits / 9) + (DIGIT_BYTES[digits % 9] as number);
  return 3 + part(length - scale) + part(scale);
}

/** Bytes of a signed integer as a zigzag varint. */
function varintBytes(value: number): number {
  let rest = value < 0 ? -value - 1 : value;
  let bytes = 1;
  for (; rest >= 64; rest /= 128) bytes++;
  return bytes;
}

function wideVarintBytes(value: bigint): number {
  let rest = value < 0n ? -value - 1n : value;
  let bytes = 1;
  for (; rest >= 64n; rest >>= 7n) bytes++;
  return bytes;
}

/** What a dictionary's strings look like inside of a group key: computed once each. */
class KeyedStrings {
  private readonly strings: readonly string[];
  /** Length by code; 0 is not known yet. */
  private lengths = new Int32Array(64);
  private hashes = new Uint32Array(64);
  private hashed = new Uint8Array(64);

  constructor(strings: readonly string[]) {
    this.strings = strings;
  }

  lengthOf(code: number): number {
    if (code >= this.lengths.length) this.grow(code);
    let length = this.lengths[code] as number;
    if (length === 0) {
      const bytes = utf8Bytes(trimEnd(this.strings[code] as string));
      length = 1 + varintBytes(bytes) + bytes;
      this.lengths[code] = length;
    }
    return length;
  }

  /** Hash of a key that is this string alone. */
  hashOf(code: number, encode: () => number): number {
    if (code >= this.lengths.length) this.grow(code);
    if (this.hashed[code] === 0) {
      this.hashed[code] = 1;
      this.hashes[code] = encode();
    }
    return this.hashes[code] as number;
  }

  private grow(code: number): void {
    const size = Math.max(code + 1, this.strings.length, this.lengths.length * 2);
    const lengths = new Int32Array(size);
    lengths.set(this.lengths);
    this.lengths = lengths;
    const hashes = new Uint32Array(size);
    hashes.set(this.hashes);
    this.hashes = hashes;
    const hashed = new Uint8Array(size);
    hashed.set(this.hashed);
    this.hashed = hashed;
  }
}

const KEYED = new WeakMap<Dictionary, KeyedStrings>();

function keyedStrings(dictionary: Dictionary): KeyedStrings {
  let keyed = KEYED.get(dictionary);
  if (keyed === undefined) {
    keyed = new KeyedStrings(dictionary.strings);
    KEYED.set(dictionary, keyed);
  }
  return keyed;
}

/**
 * The bytes of which TiDB makes the key of a group: what its maps are charged for, and what groups
 * are spread by. Nothing is encoded but to be hashed. Each value is a flag and its encoding;
 * strings lose the blanks at their end, for the collation's sake. Source: TiDB
 * `codec.HashGroupKey`.
 */
export class GroupKeyCodec {
  private readonly types: readonly SqlType[];
  private buffer = new Uint8Array(64);
  private length = 0;

  constructor(types: readonly SqlType[]) {
    this.types = types;
  }

  /** Writes the lengths of the keys of `rows[0..count)` into `lengths`. */
  lengths(columns: readonly Column[], rows: Int32Array, count: number, lengths: Int32Array): void {
    lengths.fill(0, 0, count);
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as Column;
      const type = this.types[i] as SqlType;
      if (column.vacant) {
        for (let at = 0; at < count; at++) lengths[at] = (lengths[at] as number) + 1;
      } else if (type.kind === 'decimal')
        addFixed(column, decimalKeyBytes(type), rows, count, lengths);
      else if (column.kind === 'string') addStrings(column, rows, count, lengths);
      else if (column.kind === 'int' && type.kind === 'int') addInts(column, rows, count, lengths);
      else addFixed(column, 9, rows, count, lengths);
    }
  }

  /** The hash of one row's key. */
  hash(columns: readonly Column[], row: number): number {
    const [first] = columns;
    if (columns.length === 1 && first?.kind === 'string' && !first.vacant) {
      const code = first.codes[row] as number;
      if (code >= 0) {
        return keyedStrings(first.dictionary).hashOf(code, () => this.encodeAndHash(columns, row));
      }
    }
    return this.encodeAndHash(columns, row);
  }

  private encodeAndHash(columns: readonly Column[], row: number): number {
    this.length = 0;
    for (let i = 0; i < columns.length; i++) {
      this.append((columns[i] as Column).get(row), this.types[i] as SqlType);
    }
    return murmur3(this.buffer, this.length);
  }

  private append(value: string | number | bigint | null, type: SqlType): void {
    if (value === null) this.byte(0);
    else if (typeof value === 'string') {
      const text = trimEnd(value);
      this.byte(2);
      this.varint(utf8Bytes(text));
      this.text(text);
    } else if (type.kind === 'real') {
      this.byte(5);
      this.double(Number(value));
    } else {
      this.byte(8);
      if (typeof value === 'number') this.varint(value);
      else this.wideVarint(value);
    }
  }

  private byte(byte: number): void {
    if (this.length === this.buffer.length) {
      const grown = new Uint8Array(this.buffer.length * 2);
      grown.set(this.buffer);
      this.buffer = grown;
    }
    this.buffer[this.length++] = byte;
  }

  private varint(value: number): void {
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }

  private wideVarint(value: bigint): void {
    let rest = value < 0n ? -value * 2n - 1n : value * 2n;
    for (; rest >= 128n; rest >>= 7n) this.byte(Number(rest & 127n) | 128);
    this.byte(Number(rest));
  }

  private double(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    for (let at = 0; at < 8; at++) this.byte(view.getUint8(at));
  }

  private text(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const point = text.codePointAt(at) as number;
      if (point > 0xffff) at++;
      if (point < 0x80) this.byte(point);
      else this.multibyte(point);
    }
  }

  private multibyte(point: number): void {
    const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    this.byte((LEAD_BYTES[more] as number) | (point >> (6 * more)));
    for (let at = more - 1; at >= 0; at--) this.byte(0x80 | ((point >> (6 * at)) & 0x3f));
  }
}

function addFixed(
  column: Column,
  bytes: number,
  rows: Int32Array,
  count: number,
  lengths: Int32Array,
): void {
  for (let at = 0; at < count; at++) {
    const isNull = column.get(rows[at] as number) === null;
    lengths[at] = (lengths[at] as number) + (isNull ? 1 : bytes);
  }
}

function addStrings(
  column: StringColumn,
  rows: Int32Array,
  count: number,
  lengths: Int32Array,
): void {
  const keyed = keyedStrings(column.dictionary);
  const { codes } = column;
  for (let at = 0; at < count; at++) {
    const code = codes[rows[at] as number] as number;
    lengths[at] = (lengths[at] as number) + (code < 0 ? 1 : keyed.lengthOf(code));
  }
}

function addInts(column: IntColumn, rows: Int32Array, count: number, lengths: Int32Array): void {
  const { floats, bigs } = column;
  for (let at = 0; at < count; at++) {
    const row = rows[at] as number;
    let bytes = 0;
    if (bigs === undefined) {
      const value = floats[row] as number;
      if (!Number.isNaN(value)) bytes = varintBytes(value);
    } else if (column.get(row) !== null) bytes = wideVarintBytes(bigs[row] as bigint);
    lengths[at] = (lengths[at] as number) + 1 + bytes;
  }
}
