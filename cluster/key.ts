/**
 * Keys. A key is both a typed tuple, which is what columns store, and an encoded string, which is
 * what regions, locks and latches compare. Two keys are equal iff their encodings are equal, and
 * encodings sort as TiDB's memcomparable bytes do: by table, then records or index, then value by
 * value.
 *
 * The encoding uses 16-bit code units where TiKV uses bytes. JavaScript compares and hashes strings
 * natively, so this is the cheapest ordered key there is; nothing else depends on the width.
 * Source of the layout: TiDB `tablecodec` (`t{table}_r{handle}`, `t{table}_i{index}{values}`).
 */

/** What a stored value is made of. DATETIME is microseconds in an `int`. */
export type StorageKind = 'int' | 'real' | 'string';

/** A value as stored: NULL, an integer, a double (in a `real` column) or a string. */
export type Stored = number | bigint | string | null;

/**
 * One family of keys with one shape: the records of a table, or one of its indexes. Immutable and
 * shared by reference between the simulated nodes, as a schema version would be.
 */
export interface KeySpace {
  /** Unique in a cluster; orders spaces as their key prefix does. */
  readonly id: number;
  readonly tableId: number;
  /** 0 for the records, else the index id. */
  readonly indexId: number;
  /** For people: `ledger_accounts` or `ledger_accounts.PRIMARY`. */
  readonly name: string;
  /** Kinds of the tuple that makes the key, in order. */
  readonly keyKinds: readonly StorageKind[];
  /** Kinds of the values stored under a key, in order. */
  readonly valueKinds: readonly StorageKind[];
  /** Encoded prefix that every key of the space begins with. */
  readonly prefix: string;
}

/** A tuple as columns are searched for it: every value as numbers. Made by `tikv/columns`. */
export interface Sought {
  /** Whose codes and labels these are, and of which state: later labels may differ. */
  readonly dictionary: object;
  readonly version: number;
  /**
   * Three for each value: label of a string, or the value as a double; code of a string, or the
   * upper 32 bits of an integer, signed; the lower 32 bits of an integer, unsigned.
   */
  readonly numbers: readonly number[];
}

/**
 * A point between keys of one space, typed so that columns can be searched without encoding a row.
 * A bound stands before every key that begins with `values`, or after all of them if `after`.
 */
export class Bound {
  readonly encoded: string;
  readonly values: readonly Stored[];
  readonly after: boolean;
  /** Kept by those who search for it: a key is looked for on every replica, again and again. */
  sought: Sought | undefined = undefined;

  constructor(encoded: string, values: readonly Stored[], after: boolean) {
    this.encoded = encoded;
    this.values = values;
    this.after = after;
  }
}

/** A key: its encoding and its typed tuple. As a bound it stands just before itself. */
export class Key extends Bound {
  readonly space: KeySpace;
  /** Of the encoding; -1 until somebody wants it. Kept here for all who look the key up. */
  hash = -1;

  constructor(encoded: string, space: KeySpace, values: readonly Stored[]) {
    super(encoded, values, false);
    this.space = space;
  }
}

/** The encoded prefix of a table: every record and index key of it begins so. */
export function tablePrefix(tableId: number): string {
  return `t${unit32(tableId)}`;
}

/** Builds a key space; see {@link KeySpace}. */
export function keySpace(shape: Omit<KeySpace, 'id' | 'prefix'>): KeySpace {
  const part = shape.indexId === 0 ? 'r' : `i${unit32(shape.indexId)}`;
  const prefix = tablePrefix(shape.tableId) + part;
  return { ...shape, id: shape.tableId * 256 + shape.indexId, prefix };
}

/** The key of a full tuple in a space. */
export function makeKey(space: KeySpace, values: readonly Stored[]): Key {
  return new Key(encodeTuple(space, values), space, values);
}

/**
 * Encodes a tuple or a leading part of one; a part is the lower bound of all keys that begin so.
 */
export function encodeTuple(space: KeySpace, values: readonly Stored[]): string {
  let encoded = space.prefix;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Stored;
    encoded += encodeStored(value, space.keyKinds[i] as StorageKind);
  }
  return encoded;
}

/** The smallest encoding greater than every encoding that begins with `prefix`. */
export function prefixEnd(prefix: string): string {
  return `${prefix}\uffff\uffff`;
}

function encodeStored(value: Stored, kind: StorageKind): string {
  if (value === null) return '\u0001';
  if (typeof value === 'string') return `\u0002${escapeString(value)}\u0000\u0000`;
  if (kind === 'real') return `\u0002${encodeReal(Number(value))}`;
  return `\u0002${typeof value === 'number' ? encodeNumber(value) : encodeBigInt(value)}`;
}

/** NUL is escaped so that the terminator sorts before every continuation of a string. */
function escapeString(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '\u0000\u0001') : text;
}

const TWO_32 = 4294967296;

function unit32(value: number): string {
  return String.fromCharCode((value >>> 16) & 0xffff, value & 0xffff);
}

/** 64 bits, sign flipped, most significant unit first. */
function encodeNumber(value: number): string {
  const high = Math.floor(value / TWO_32);
  const low = value - high * TWO_32;
  return String.fromCharCode(
    ((high >> 16) & 0xffff) ^ 0x8000,
    high & 0xffff,
    (low / 65536) & 0xffff,
    low & 0xffff,
  );
}

/** Eight bytes to take numbers apart in. */
const bytes = new DataView(new ArrayBuffer(8));

function encodeBigInt(value: bigint): string {
  bytes.setBigInt64(0, value);
  return String.fromCharCode(
    bytes.getUint16(0) ^ 0x8000,
    bytes.getUint16(2),
    bytes.getUint16(4),
    bytes.getUint16(6),
  );
}

function encodeReal(value: number): string {
  bytes.setFloat64(0, value === 0 ? 0 : value);
  const bits = bytes.getBigInt64(0);
  const ordered = bits < 0n ? ~bits ^ (-1n << 63n) : bits;
  return encodeBigInt(bits < 0n ? BigInt.asIntN(64, ordered) : ordered);
}
