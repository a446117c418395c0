import { type Datum, toInt } from '../datum.ts';
import { parseDecimal } from '../tidb/executor/decimal.ts';
import { type ByteReader, binaryText, MalformedPacket } from './byte-reader.ts';
import { FIELD } from './column-type.ts';
import { readDatetime, readTime } from './temporal.ts';

const UNSIGNED = 0x80;

/** The type a client gave a parameter. */
export interface ParameterType {
  readonly field: number;
  readonly unsigned: boolean;
}

/** Reads the types of `count` parameters. */
export function readParameterTypes(reader: ByteReader, count: number): ParameterType[] {
  const types: ParameterType[] = [];
  for (let i = 0; i < count; i++) {
    const field = reader.u8();
    types.push({ field, unsigned: (reader.u8() & UNSIGNED) !== 0 });
  }
  return types;
}

/**
 * Reads one value. Strings of bytes (the BLOB family) get one character per byte; DOUBLE and FLOAT
 * stay what they are, even when whole: whoever sends 5 as a DOUBLE compares with a DOUBLE.
 * Throws `MalformedPacket`.
 */
export function readParameter(reader: ByteReader, { field, unsigned }: ParameterType): Datum {
  switch (field) {
    case FIELD.null:
      return null;
    case FIELD.tiny:
      return unsigned ? reader.u8() : reader.i8();
    case FIELD.short:
    case FIELD.year:
      return unsigned ? reader.u16() : reader.i16();
    case FIELD.int24:
    case FIELD.long:
      return unsigned ? reader.u32() : reader.i32();
    case FIELD.longLong:
      return toInt(unsigned ? reader.u64() : reader.i64());
    case FIELD.float:
      return { kind: 'real', value: reader.f32() };
    case FIELD.double:
      return { kind: 'real', value: reader.f64() };
    case FIELD.decimal:
    case FIELD.newDecimal:
      return decimalOf(reader.lenencText());
    case FIELD.date:
    case FIELD.datetime:
    case FIELD.timestamp:
      return readDatetime(reader, field === FIELD.date);
    case FIELD.time:
      return readTime(reader);
    default:
      return stringParameter(reader.lenencBytes(), { field, unsigned });
  }
}

const BYTES: readonly number[] = [
  ...[FIELD.tinyBlob, FIELD.mediumBlob, FIELD.longBlob, FIELD.blob, FIELD.bit, FIELD.geometry],
];
const TEXTS: readonly number[] = [
  ...[FIELD.varchar, FIELD.varString, FIELD.string, FIELD.json, FIELD.enum, FIELD.set],
];
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A string whose bytes are all there. Throws `MalformedPacket` for a type that is no string's. */
export function stringParameter(bytes: Uint8Array, { field }: ParameterType): string {
  if (BYTES.includes(field)) return binaryText(bytes);
  if (TEXTS.includes(field)) return UTF8.decode(bytes);
  throw new MalformedPacket();
}

function decimalOf(text: string): Datum {
  if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(text)) throw new MalformedPacket();
  return parseDecimal(text);
}
