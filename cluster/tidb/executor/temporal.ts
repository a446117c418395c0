/**
 * Dates and times as integers: microseconds since 1970 for DATE, DATETIME and TIMESTAMP (in UTC,
 * the only time zone there is), microseconds for TIME. Integer arithmetic only: the platform's
 * dates are not used.
 */
import { toInt } from '../../datum.ts';

const DAY_US = 86_400_000_000;

/**
 * Virtual time 0: 2022-02-22 20:00:00 UTC in µs since 1970, the moment logs show for it.
 */
export const VIRTUAL_EPOCH_US = (19_045 * 86_400 + 20 * 3_600) * 1_000_000;

/** Days since 1970 of a date of the Gregorian calendar. */
export function daysOf(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a day count since 1970. */
export function dateOf(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const part = Math.floor((5 * dayOfYear + 2) / 153);
  const month = part < 10 ? part + 3 : part - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return [year, month, dayOfYear - Math.floor((153 * part + 2) / 5) + 1];
}

/** Days in a month. */
function monthLength(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A moment taken apart. */
export interface Moment {
  readonly days: number;
  /** µs of the day. */
  readonly us: number;
}

/** Takes a stored moment apart. */
export function momentOf(us: number | bigint): Moment {
  const big = BigInt(us);
  const day = BigInt(DAY_US);
  let days = big / day;
  if (big < 0n && days * day !== big) days--;
  return { days: Number(days), us: Number(big - days * day) };
}

/** The stored form of a moment. */
export function momentUs(days: number, us: number): number | bigint {
  const sum = days * DAY_US + us;
  return Number.isSafeInteger(sum) ? sum : toInt(BigInt(days) * BigInt(DAY_US) + BigInt(us));
}

/** Rounds a stored time to `scale` digits of a second. */
export function roundTime(us: number | bigint, scale: number): number | bigint {
  if (scale >= 6) return us;
  const unit = 10n ** BigInt(6 - scale);
  const big = BigInt(us);
  const rest = ((big % unit) + unit) % unit;
  return toInt(rest * 2n >= unit ? big - rest + unit : big - rest);
}

/** `2022-02-22 20:00:00[.ffffff]`. */
export function formatDatetime(us: number | bigint, scale: number): string {
  const moment = momentOf(us);
  return `${formatDays(moment.days)} ${formatClock(moment.us, scale)}`;
}

/** `2022-02-22`. */
export function formatDate(us: number | bigint): string {
  return formatDays(momentOf(us).days);
}

/** `[-]20:00:00[.ffffff]`; hours go up to 838. */
export function formatTimeOfDay(us: number | bigint, scale: number): string {
  const value = Number(us);
  return value < 0 ? `-${formatClock(-value, scale)}` : formatClock(value, scale);
}

function formatDays(days: number): string {
  const [year, month, day] = dateOf(days);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function formatClock(us: number, scale: number): string {
  const seconds = Math.floor(us / 1_000_000);
  const hours = pad(Math.floor(seconds / 3600), 2);
  const text = `${hours}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  if (scale === 0) return text;
  return `${text}.${pad(us % 1_000_000, 6).slice(0, scale)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

const DATETIME_FORM =
  /^\s*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?\s*$/;
const COMPACT_FORM = /^\s*(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})(?:\.(\d*))?)?\s*$/;

/** Reads a date with or without a time of day; undefined when it is neither. */
export function parseDatetime(text: string): number | bigint | undefined {
  const match = DATETIME_FORM.exec(text) ?? COMPACT_FORM.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const full = match[1]?.length === 2 ? year + (year < 70 ? 2000 : 1900) : year;
  if (month < 1 || month > 12 || day < 1 || day > monthLength(full, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const us = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fractionUs(match[7]);
  return momentUs(daysOf(full, month, day), us);
}

const TIME_FORM = /^\s*(-?)(\d{1,3}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?\s*$/;

/** Reads `[-]hh:mm[:ss[.f]]`; undefined when it is something else. */
export function parseTime(text: string): number | undefined {
  const match = TIME_FORM.exec(text);
  if (match === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(2, 5).map((part) => Number(part ?? 0));
  if (minutes > 59 || seconds > 59 || hours > 838) return undefined;
  const us = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fractionUs(match[5]);
  return match[1] === '-' ? 0 - us : us;
}

function fractionUs(digits: string | undefined): number {
  if (digits === undefined || digits === '') return 0;
  const six = Number(digits.padEnd(7, '0').slice(0, 7));
  return Math.floor((six + 5) / 10);
}

/** A datetime as the number MySQL sees in it: 20220222200000. */
export function datetimeNumber(us: number | bigint): number {
  const { days, us: clock } = momentOf(us);
  const [year, month, day] = dateOf(days);
  const seconds = Math.floor(clock / 1_000_000);
  const time =
    Math.floor(seconds / 3600) * 10_000 + (Math.floor(seconds / 60) % 60) * 100 + (seconds % 60);
  return ((year * 100 + month) * 100 + day) * 1_000_000 + time;
}
