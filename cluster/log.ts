/**
 * Log lines in TiDB's unified format (TiKV RFC 0018), so that greps written for real clusters work:
 *
 * ```
 * [2022/02/23 01:54:43.913 +00:00] [INFO] [client.go:774] ["[pd] tso stream is not ready"]
 *     [dc=global]
 * ```
 */

/** Levels of the unified format. */
export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

/** Writes one line; `source` is file:line in the original, fields are printed in order. */
export type Log = (
  level: LogLevel,
  source: string,
  message: string,
  fields?: readonly (readonly [string, string | number])[],
) => void;

/**
 * Virtual time 0 as logs show it: 2022-02-22 20:00:00 UTC, in days since 1970 and ms of that day.
 */
const EPOCH_DAYS = 19045;
const EPOCH_DAY_MS = 20 * 3600 * 1000;

/** Formats one line. `wallMs` is ms since the world began, on the node's own clock. */
export function formatLogLine(
  wallMs: number,
  level: LogLevel,
  source: string,
  message: string,
  fields: readonly (readonly [string, string | number])[] = [],
): string {
  let line = `[${formatTime(wallMs)}] [${level}] [${source}] [${quote(message)}]`;
  for (const [name, value] of fields) line += ` [${quote(name)}=${quote(String(value))}]`;
  return line;
}

/** `2022/02/23 01:54:43.913 +00:00`. */
export function formatTime(wallMs: number): string {
  const total = wallMs + EPOCH_DAY_MS;
  const days = EPOCH_DAYS + Math.floor(total / 86_400_000);
  const ms = total - Math.floor(total / 86_400_000) * 86_400_000;
  const [year, month, day] = civil(days);
  const hours = pad(Math.floor(ms / 3_600_000), 2);
  const minutes = pad(Math.floor(ms / 60_000) % 60, 2);
  const seconds = pad(Math.floor(ms / 1000) % 60, 2);
  const date = `${year}/${pad(month, 2)}/${pad(day, 2)}`;
  return `${date} ${hours}:${minutes}:${seconds}.${pad(ms % 1000, 3)} +00:00`;
}

/** Proleptic Gregorian date of a day count since 1970-01-01. */
function civil(days: number): [year: number, month: number, day: number] {
  let year = 1970;
  let left = days;
  for (let length = yearDays(year); left >= length; length = yearDays(year)) {
    left -= length;
    year++;
  }
  const leap = yearDays(year) === 366 ? 1 : 0;
  const lengths = [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  let month = 0;
  while (left >= (lengths[month] as number)) left -= lengths[month++] as number;
  return [year, month + 1, left + 1];
}

function yearDays(year: number): number {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 366 : 365;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** What asks for quotes beside blanks and control characters. */
const SPECIAL = '\\"[]=';

/**
 * A message, a name or a value: quoted when it holds blanks, control characters, quotes,
 * backslashes, brackets or an equals sign. What is not quoted stays as it is, an empty text too.
 * Half of a surrogate pair cannot be encoded, and is spelt as Go spells such bytes.
 */
function quote(text: string): string {
  const quoted = needsQuotes(text);
  const safe = quoted ? text.replace(/\p{Cc}|["\\]/gu, escaped) : text;
  const whole = safe.replace(/\p{Surrogate}/gu, '\\ufffd');
  return quoted ? `"${whole}"` : whole;
}

function needsQuotes(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) <= 0x20 || SPECIAL.includes(text[i] as string)) return true;
  }
  return false;
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0x7f) return character;
  return ESCAPES.get(character) ?? `\\u${code.toString(16).padStart(4, '0')}`;
}
