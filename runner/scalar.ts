import { type MemoryMix, parseMemoryMix } from '../cases/index.ts';
import { BYTES_EXPECTED, parseBytes } from './byte-size.ts';
import { DURATION_EXPECTED, parseDuration } from './duration.ts';
import { parseScale, SCALE_EXPECTED } from './scale.ts';
import { parseSeed, SEED_EXPECTED } from './seed.ts';

/**
 * One kind of option value: how it is read from text and what to say when it cannot be. A flag and
 * a key of the configuration file use the same one, so both accept and refuse the same texts.
 */
export interface Scalar<T> {
  /** Completes `expected …`. */
  readonly expected: string;
  /** The value, or undefined if the text is none. */
  parse(text: string): T | undefined;
}

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): Scalar<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    parse(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** Virtual time of at least `minUs` µs, in µs. */
export function durationOf(minUs: number): Scalar<number> {
  return {
    expected: DURATION_EXPECTED,
    parse(text) {
      const value = parseDuration(text);
      return value !== undefined && value >= minUs ? value : undefined;
    },
  };
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): Scalar<T> {
  return {
    expected: `one of ${words.join(', ')}`,
    parse: (text) => words.find((word) => word === text),
  };
}

/** Any text but the empty one; `expected` says of what kind. */
export function someText(expected: string): Scalar<string> {
  return { expected, parse: (text) => (text === '' ? undefined : text) };
}

/** N of `1/N`. */
export const SCALE: Scalar<number> = { expected: SCALE_EXPECTED, parse: parseScale };

/** A 64-bit number, kept as text. */
export const SEED: Scalar<string> = { expected: SEED_EXPECTED, parse: parseSeed };

/** A size, in bytes. */
export const BYTES: Scalar<number> = { expected: BYTES_EXPECTED, parse: parseBytes };

/** `80%`, a size, or 0; kept as text, because TiDB reads it back as it was written. */
export const MEMORY_LIMIT: Scalar<string> = {
  expected: `a percentage from 1% to 99%, ${BYTES_EXPECTED}`,
  parse: (text) =>
    /^[1-9]\d?%$/.test(text) || text === '0' || parseBytes(text) !== undefined ? text : undefined,
};

/** What readers ask for. */
export const MEMORY_MIX: Scalar<MemoryMix> = {
  expected: 'kinds with their weights, such as sort=2,join=1,aggregate=3,distinct=1',
  parse: parseMemoryMix,
};
