/**
 * Reads one literal at a given place of a text. The tokenizer and the statement cache both call
 * it, so that they cannot disagree about where a literal ends or what it is worth.
 */
import type { Decimal } from '../../datum.ts';
import type { LiteralValue } from './ast.ts';
import { Code, isDigit, isHexDigit, isSpace, isWord } from './chars.ts';

/** What kind of literal was found. */
export const ScannedType = {
  /** No literal starts here. */
  none: 0,
  int: 1,
  decimal: 2,
  real: 3,
  string: 4,
  hex: 5,
  bit: 6,
  /** A string without its closing quote, or a real beyond the range of DOUBLE. */
  broken: 7,
} as const;

/** One of the values of ScannedType. */
export type ScannedType = (typeof ScannedType)[keyof typeof ScannedType];

/** 2^64: a larger integer literal is a decimal. */
const UINT64_END = 1n << 64n;
const INTRODUCERS = ['_utf8mb4', '_utf8', '_binary', '_latin1', '_ascii'];

/**
 * Where the blank run that starts at `position` ends: spaces, `-- ` and `#` comments, and plain
 * C comments. Not `/*!`, `/*T!` and `/*+`, whose content counts.
 */
export function skipBlank(text: string, position: number): number {
  let at = position;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) {
      at++;
    } else {
      const end = commentEnd(text, at, code);
      if (end === at) return at;
      at = end;
    }
  }
}

function commentEnd(text: string, at: number, code: number): number {
  if (code === Code.minus) return startsDashComment(text, at) ? lineEnd(text, at) : at;
  if (code === Code.hash) return lineEnd(text, at);
  if (code !== Code.slash || text.charCodeAt(at + 1) !== Code.star) return at;
  const next = text.charCodeAt(at + 2);
  if (next === Code.exclamation || next === Code.plus) return at;
  if (next === Code.upperT && text.charCodeAt(at + 3) === Code.exclamation) return at;
  const end = text.indexOf('*/', at + 2);
  return end < 0 ? at : end + 2;
}

/** `--` opens a comment only before a blank, a control character or the end. */
function startsDashComment(text: string, at: number): boolean {
  if (text.charCodeAt(at + 1) !== Code.minus) return false;
  const next = text.charCodeAt(at + 2);
  return Number.isNaN(next) || next <= Code.space || next === 127;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/**
 * The scanner. It answers through fields rather than an object per literal, because the statement
 * cache calls it for every literal of every statement.
 */
export class LiteralScanner {
  /** Index behind the literal last found. */
  end = 0;
  /** Value of the literal last found. */
  value: LiteralValue = null;

  /** Reads the literal at `start`; `end` and `value` are set unless the answer is `none`. */
  scan(text: string, start: number): ScannedType {
    const code = text.charCodeAt(start);
    if (isDigit(code)) return this.#scanNumber(text, start);
    if (code === Code.singleQuote || code === Code.doubleQuote) {
      return this.#scanStrings(text, start);
    }
    switch (code) {
      case Code.dot:
        return isDigit(text.charCodeAt(start + 1)) ? this.#scanNumber(text, start) : 0;
      case Code.upperX:
      case Code.lowerX:
        return this.#scanQuotedDigits(text, start, true);
      case Code.upperB:
      case Code.lowerB:
        return this.#scanQuotedDigits(text, start, false);
      case Code.upperN:
      case Code.lowerN:
        return text.charCodeAt(start + 1) === Code.singleQuote
          ? this.#scanStrings(text, start + 1)
          : 0;
      case Code.underscore:
        return this.#scanIntroduced(text, start);
      default:
        return ScannedType.none;
    }
  }

  #scanNumber(text: string, start: number): ScannedType {
    let at = start;
    let code = text.charCodeAt(at);
    if (code === Code.zero) {
      const prefixed = this.#scanPrefixedDigits(text, start);
      if (prefixed !== ScannedType.none) return prefixed;
    }
    let value = 0;
    while (isDigit(code)) {
      value = value * 10 + (code - Code.zero);
      code = text.charCodeAt(++at);
    }
    const exponentEnd = endOfExponent(text, at);
    if (code !== Code.dot && exponentEnd === at) {
      if (isWord(code)) return ScannedType.none;
      return this.#finishInteger(text, start, at, value);
    }
    return this.#finishFraction(text, start, at);
  }

  #finishInteger(text: string, start: number, end: number, value: number): ScannedType {
    this.end = end;
    if (value <= Number.MAX_SAFE_INTEGER) {
      this.value = value;
      return ScannedType.int;
    }
    const digits = text.slice(start, end);
    const exact = BigInt(digits);
    if (exact >= UINT64_END) {
      this.value = { kind: 'decimal', unscaled: exact, scale: 0 };
      return ScannedType.decimal;
    }
    this.value = exact;
    return ScannedType.int;
  }

  /** From the `.` or the exponent on. */
  #finishFraction(text: string, start: number, from: number): ScannedType {
    let at = from;
    if (text.charCodeAt(at) === Code.dot) {
      at++;
      while (isDigit(text.charCodeAt(at))) at++;
    }
    const end = endOfExponent(text, at);
    this.end = end;
    if (end === at) {
      this.value = decimalOf(text.slice(start, end));
      return ScannedType.decimal;
    }
    const value = Number(text.slice(start, end));
    this.value = { kind: 'real', value };
    return Number.isFinite(value) ? ScannedType.real : ScannedType.broken;
  }

  /** `0x1f` and `0b01`; anything else that starts with a zero is `none`. */
  #scanPrefixedDigits(text: string, start: number): ScannedType {
    const letter = text.charCodeAt(start + 1);
    if (letter !== Code.lowerX && letter !== Code.lowerB) return ScannedType.none;
    const hex = letter === Code.lowerX;
    const end = endOfDigits(text, start + 2, hex);
    if (end === start + 2 || isWord(text.charCodeAt(end))) return ScannedType.none;
    return this.#finishDigits(text.slice(start + 2, end), end, hex);
  }

  /** `x'1f'` and `b'01'`. */
  #scanQuotedDigits(text: string, start: number, hex: boolean): ScannedType {
    if (text.charCodeAt(start + 1) !== Code.singleQuote) return ScannedType.none;
    const end = endOfDigits(text, start + 2, hex);
    if (text.charCodeAt(end) !== Code.singleQuote || (hex && (end - start) % 2 !== 0)) {
      this.end = start;
      return ScannedType.broken;
    }
    return this.#finishDigits(text.slice(start + 2, end), end + 1, hex);
  }

  #finishDigits(digits: string, end: number, hex: boolean): ScannedType {
    this.end = end;
    const nibbles = hex ? digits.toLowerCase() : binaryToHex(digits);
    this.value = { hex: nibbles.length % 2 === 0 ? nibbles : `0${nibbles}` };
    return hex ? ScannedType.hex : ScannedType.bit;
  }

  #scanIntroduced(text: string, start: number): ScannedType {
    let end = start + 1;
    while (isWord(text.charCodeAt(end))) end++;
    if (!INTRODUCERS.includes(text.slice(start, end).toLowerCase())) return ScannedType.none;
    const quote = skipBlank(text, end);
    const code = text.charCodeAt(quote);
    const quoted = code === Code.singleQuote || code === Code.doubleQuote;
    return quoted ? this.#scanStrings(text, quote) : ScannedType.none;
  }

  /** A string and the strings that follow it with only blanks between: they are one value. */
  #scanStrings(text: string, start: number): ScannedType {
    let value = this.#scanString(text, start);
    for (;;) {
      if (value === undefined) return ScannedType.broken;
      this.value = value;
      const next = skipBlank(text, this.end);
      const code = text.charCodeAt(next);
      if (code !== Code.singleQuote && code !== Code.doubleQuote) return ScannedType.string;
      const more = this.#scanString(text, next);
      value = more === undefined ? undefined : value + more;
    }
  }

  /** One quoted string; undefined, with `end` at its start, when the closing quote is missing. */
  #scanString(text: string, start: number): string | undefined {
    const quote = text.charCodeAt(start);
    let unescaped = '';
    let from = start + 1;
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        if (text.charCodeAt(at + 1) !== quote) {
          this.end = at + 1;
          const rest = text.slice(from, at);
          return unescaped === '' ? rest : unescaped + rest;
        }
        unescaped += text.slice(from, at + 1);
        from = ++at + 1;
      } else if (code === Code.backslash) {
        unescaped += text.slice(from, at) + escapedChar(text.charAt(at + 1));
        from = ++at + 1;
      }
    }
    this.end = start;
    return undefined;
  }
}

function endOfDigits(text: string, start: number, hex: boolean): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (!(hex ? isHexDigit(code) : code === Code.zero || code === Code.zero + 1)) return at;
    at++;
  }
}

/** Index behind `e[+-]digits`, or `at` when there is no whole exponent. */
function endOfExponent(text: string, at: number): number {
  const letter = text.charCodeAt(at);
  if (letter !== Code.lowerE && letter !== Code.upperE) return at;
  const sign = text.charCodeAt(at + 1);
  const digits = sign === Code.plus || sign === Code.minus ? at + 2 : at + 1;
  let end = digits;
  while (isDigit(text.charCodeAt(end))) end++;
  return end === digits ? at : end;
}

/** `1.50` is 150 at scale 2. */
function decimalOf(text: string): Decimal {
  const dot = text.indexOf('.');
  const fraction = text.slice(dot + 1);
  const unscaled = BigInt(text.slice(0, dot) + fraction);
  return { kind: 'decimal', unscaled, scale: fraction.length };
}

function binaryToHex(digits: string): string {
  const padded = digits.padStart(Math.ceil(digits.length / 8) * 8, '0');
  let hex = '';
  for (let at = 0; at < padded.length; at += 4) {
    hex += Number.parseInt(padded.slice(at, at + 4), 2).toString(16);
  }
  return hex;
}

/** What a backslash and `char` stand for. `\%` and `\_` keep the backslash: LIKE needs it. */
function escapedChar(char: string): string {
  switch (char) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case '0':
      return '\0';
    case 'Z':
      return '\x1a';
    case '%':
    case '_':
      return `\\${char}`;
    default:
      return char;
  }
}
