import type { Datum } from '../datum.ts';
import type { ColumnType } from '../session.ts';

/** MySQL's codes of types. Source: `enum_field_types`. */
export const FIELD = {
  decimal: 0x00,
  tiny: 0x01,
  short: 0x02,
  long: 0x03,
  float: 0x04,
  double: 0x05,
  null: 0x06,
  timestamp: 0x07,
  longLong: 0x08,
  int24: 0x09,
  date: 0x0a,
  time: 0x0b,
  datetime: 0x0c,
  year: 0x0d,
  varchar: 0x0f,
  bit: 0x10,
  json: 0xf5,
  newDecimal: 0xf6,
  enum: 0xf7,
  set: 0xf8,
  tinyBlob: 0xf9,
  mediumBlob: 0xfa,
  longBlob: 0xfb,
  blob: 0xfc,
  varString: 0xfd,
  string: 0xfe,
  geometry: 0xff,
} as const;

/** Flags of a column. */
export const FIELD_FLAG = { notNull: 1, blob: 16, unsigned: 32, binary: 128 } as const;

/** Collation of text. */
export const UTF8MB4_BIN = 46;
/** Collation of everything that is not text. */
export const BINARY_COLLATION = 63;
/** utf8mb4 takes at most so many bytes a character; lengths are told in bytes. */
const BYTES_PER_CHARACTER = 4;
/** What a length is when it has no bound that fits. */
const LONGEST = 0xffff_ffff;
/** "So many digits as it takes": decimals of a DOUBLE without a scale. */
const FLOATING = 31;

/** How a type travels: code, flags, and what a client needs to lay out columns. */
export interface WireType {
  readonly field: number;
  readonly flags: number;
  readonly collation: number;
  /** Bytes of the longest value as text. */
  readonly length: number;
  readonly decimals: number;
  /** A string of bytes, one character each. */
  readonly bytes: boolean;
}

const FIELD_OF: ReadonlyMap<string, number> = new Map([
  ['TINYINT', FIELD.tiny],
  ['SMALLINT', FIELD.short],
  ['MEDIUMINT', FIELD.int24],
  ['INT', FIELD.long],
  ['BIGINT', FIELD.longLong],
  ['YEAR', FIELD.year],
  ['FLOAT', FIELD.float],
  ['DOUBLE', FIELD.double],
  ['DECIMAL', FIELD.newDecimal],
  ['DATE', FIELD.date],
  ['TIME', FIELD.time],
  ['DATETIME', FIELD.datetime],
  ['TIMESTAMP', FIELD.timestamp],
  ['CHAR', FIELD.string],
  ['BINARY', FIELD.string],
  ['VARCHAR', FIELD.varString],
  ['VARBINARY', FIELD.varString],
  ['NULL', FIELD.null],
]);

/** How a value of `type` travels. */
export function wireType(type: ColumnType): WireType {
  const bytes = /BINARY|BLOB/.test(type.name);
  const field = FIELD_OF.get(type.name) ?? FIELD.blob;
  const text = type.kind === 'string' && !bytes;
  const unsigned = type.unsigned ? FIELD_FLAG.unsigned : 0;
  const blob = field === FIELD.blob ? FIELD_FLAG.blob : 0;
  return {
    field,
    flags: unsigned | blob | (text ? 0 : FIELD_FLAG.binary),
    collation: text ? UTF8MB4_BIN : BINARY_COLLATION,
    length: Math.min(text ? type.length * BYTES_PER_CHARACTER : lengthOf(type), LONGEST),
    decimals: type.kind === 'real' ? FLOATING : type.scale,
    bytes,
  };
}

/** A decimal's sign and point come on top of its digits. */
function lengthOf({ kind, length, scale }: ColumnType): number {
  return kind === 'decimal' ? length + 1 + (scale > 0 ? 1 : 0) : length;
}

const BIGINT: ColumnType = {
  ...{ kind: 'int', name: 'BIGINT', unsigned: false, length: 20, scale: 0 },
};
const TEXT: ColumnType = {
  ...{ kind: 'string', name: 'VARCHAR', unsigned: false, length: 256, scale: 0 },
};

/**
 * The type of a column that no plan gave one: SHOW and its like make rows by hand. Integers are
 * BIGINT, everything else is text.
 */
export function guessedType(rows: readonly (readonly Datum[])[], column: number): ColumnType {
  let integers = false;
  for (const row of rows) {
    const value = row[column] ?? null;
    if (typeof value === 'number' || typeof value === 'bigint') integers = true;
    else if (value !== null) return TEXT;
  }
  return integers ? BIGINT : TEXT;
}
