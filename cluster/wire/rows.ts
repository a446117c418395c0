import type { Datum } from '../datum.ts';
import { formatDecimal } from '../tidb/executor/decimal.ts';
import { formatReal } from '../tidb/executor/value.ts';
import type { ByteWriter } from './byte-writer.ts';
import { FIELD, type WireType } from './column-type.ts';
import { writeDatetime, writeTime } from './temporal.ts';

/** Writes one row into a packet's payload. */
export type WriteRow = (out: ByteWriter, row: readonly Datum[], types: readonly WireType[]) => void;

/** A value as text. Not for NULL. */
export function datumText(value: Exclude<Datum, null>): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  return value.kind === 'real' ? formatReal(value.value) : formatDecimal(value);
}

/** A row of the text protocol: every value a string. */
export const writeTextRow: WriteRow = (out, row, types) => {
  for (let i = 0; i < types.length; i++) {
    const value = row[i] ?? null;
    if (value === null) out.lenencNull();
    else writeText(out, value, types[i] as WireType);
  }
};

/** First bits of a binary row's NULL bitmap that stand for no column. */
const NULL_BITMAP_OFFSET = 2;

/** A row of the binary protocol: a bitmap of NULLs, then each value as its type has it. */
export const writeBinaryRow: WriteRow = (out, row, types) => {
  out.u8(0);
  const nulls = out.skip((types.length + NULL_BITMAP_OFFSET + 7) >> 3);
  for (let i = 0; i < types.length; i++) {
    const value = row[i] ?? null;
    if (value !== null) writeBinary(out, value, types[i] as WireType);
    else {
      const bit = i + NULL_BITMAP_OFFSET;
      out.setBits(nulls + (bit >> 3), 1 << (bit & 7));
    }
  }
};

function writeText(out: ByteWriter, value: Exclude<Datum, null>, { bytes }: WireType): void {
  const text = datumText(value);
  if (!bytes || !out.lenencBinary(text)) out.lenencText(text);
}

function writeBinary(out: ByteWriter, value: Exclude<Datum, null>, type: WireType): void {
  switch (type.field) {
    case FIELD.tiny:
      out.u8(Number(value));
      return;
    case FIELD.short:
    case FIELD.year:
      out.u16(Number(value));
      return;
    case FIELD.int24:
    case FIELD.long:
      out.u32(Number(value));
      return;
    case FIELD.longLong:
      out.u64(integerOf(value));
      return;
    case FIELD.float:
      out.f32(realOf(value));
      return;
    case FIELD.double:
      out.f64(realOf(value));
      return;
    case FIELD.date:
    case FIELD.datetime:
    case FIELD.timestamp:
      writeDatetime(out, datumText(value));
      return;
    case FIELD.time:
      writeTime(out, datumText(value));
      return;
    default:
      writeText(out, value, type);
  }
}

function integerOf(value: Exclude<Datum, null>): number | bigint {
  return typeof value === 'number' || typeof value === 'bigint' ? value : BigInt(datumText(value));
}

function realOf(value: Exclude<Datum, null>): number {
  return typeof value === 'object' && value.kind === 'real'
    ? value.value
    : Number(datumText(value));
}
