import parse from 'parse-duration';

/** Microseconds in a second. */
export const SECOND_US = 1_000_000;

/** What a duration looks like: number and unit, as often as wanted, largest unit first by habit. */
const DURATION = /^(\d+(\.\d+)?(d|h|m|s|ms|us|µs))+$/;

/** What to write instead, for messages. */
export const DURATION_EXPECTED = 'a duration such as 90s, 1h30m or 250ms';

/**
 * Virtual or wall time as a person writes it (`1h30m`, `90s`, `250us`), in whole µs; undefined if
 * it is not a duration. A bare number is none: nobody can know its unit.
 */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const us = parse(text, 'us');
  if (us === null || us === undefined) return undefined;
  const whole = Math.round(us);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

const UNITS: readonly (readonly [name: string, us: number])[] = [
  ['h', 3600 * SECOND_US],
  ['m', 60 * SECOND_US],
  ['s', SECOND_US],
  ['ms', 1000],
  ['us', 1],
];

/**
 * The inverse of {@link parseDuration}: `1h30m`, `97s` as `1m37s`, 0 as `0s`. Nothing is rounded.
 */
export function formatDuration(us: number): string {
  let rest = us;
  let text = '';
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${name}`;
  }
  return text === '' ? '0s' : text;
}
