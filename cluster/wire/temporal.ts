import { type ByteReader, MalformedPacket } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/**
 * Dates and times in the binary protocol: a length, then as many fields as differ from zero. Inside
 * the cluster they travel as MySQL's text, so they are read into text and written out of it.
 */

const DATETIME = /^(\d+)-(\d+)-(\d+)(?: (\d+):(\d+):(\d+)(?:\.(\d{1,6}))?)?$/;
const TIME = /^(-?)(\d+):(\d+):(\d+)(?:\.(\d{1,6}))?$/;
const HOURS_PER_DAY = 24;

/** Writes a DATE, DATETIME or TIMESTAMP given as text. Throws for a text that is none. */
export function writeDatetime(out: ByteWriter, text: string): void {
  const fields = DATETIME.exec(text);
  if (fields === null) throw new Error(`"${text}" is no date`);
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = fields;
  const micros = microsOf(fraction);
  const timed = micros > 0 || [hour, minute, second].some((part) => Number(part) !== 0);
  const dated = timed || [year, month, day].some((part) => Number(part) !== 0);
  out.u8(micros > 0 ? 11 : timed ? 7 : dated ? 4 : 0);
  if (!dated) return;
  out.u16(Number(year));
  out.u8(Number(month));
  out.u8(Number(day));
  if (!timed) return;
  out.u8(Number(hour));
  out.u8(Number(minute));
  out.u8(Number(second));
  if (micros > 0) out.u32(micros);
}

/** Writes a TIME given as text. Throws for a text that is none. */
export function writeTime(out: ByteWriter, text: string): void {
  const fields = TIME.exec(text);
  if (fields === null) throw new Error(`"${text}" is no time`);
  const [, sign, hour, minute, second, fraction = ''] = fields;
  const micros = microsOf(fraction);
  const zero = micros === 0 && [hour, minute, second].every((part) => Number(part) === 0);
  out.u8(zero ? 0 : micros > 0 ? 12 : 8);
  if (zero) return;
  out.u8(sign === '-' ? 1 : 0);
  out.u32(Math.floor(Number(hour) / HOURS_PER_DAY));
  out.u8(Number(hour) % HOURS_PER_DAY);
  out.u8(Number(minute));
  out.u8(Number(second));
  if (micros > 0) out.u32(micros);
}

/** Reads a DATE, DATETIME or TIMESTAMP; a DATE comes without a time of day. */
export function readDatetime(reader: ByteReader, dateOnly: boolean): string {
  const length = reader.u8();
  if (![0, 4, 7, 11].includes(length)) throw new MalformedPacket();
  const [year, month, day] = length > 0 ? [reader.u16(), reader.u8(), reader.u8()] : [0, 0, 0];
  const [hour, minute, second] = length > 4 ? [reader.u8(), reader.u8(), reader.u8()] : [0, 0, 0];
  const micros = length > 7 ? reader.u32() : 0;
  const date = `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
  return dateOnly && length <= 4 ? date : `${date} ${timeOfDay(hour, minute, second, micros)}`;
}

/** Reads a TIME; days become hours. */
export function readTime(reader: ByteReader): string {
  const length = reader.u8();
  if (![0, 8, 12].includes(length)) throw new MalformedPacket();
  if (length === 0) return '00:00:00';
  const sign = reader.u8() === 0 ? '' : '-';
  const hours = reader.u32() * HOURS_PER_DAY + reader.u8();
  const [minute, second] = [reader.u8(), reader.u8()];
  return sign + timeOfDay(hours, minute, second, length > 8 ? reader.u32() : 0);
}

function microsOf(fraction: string): number {
  return Number(fraction.padEnd(6, '0'));
}

function timeOfDay(hour: number, minute: number, second: number, micros: number): string {
  const text = `${padded(hour, 2)}:${padded(minute, 2)}:${padded(second, 2)}`;
  return micros === 0 ? text : `${text}.${padded(micros, 6)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
