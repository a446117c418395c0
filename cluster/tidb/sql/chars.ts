/**
 * Classes of characters, by UTF-16 code unit. MySQL's identifiers are letters, digits, `_`, `$` and
 * everything above ASCII.
 */
const SPACE = 1;
const DIGIT = 2;
const WORD = 4;
const HEX = 8;

const classes = buildClasses();

function buildClasses(): Uint8Array {
  const table = new Uint8Array(128);
  const mark = (text: string, bits: number): void => {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      table[code] = (table[code] as number) | bits;
    }
  };
  mark(' \t\n\r\f\v', SPACE);
  mark('0123456789', DIGIT | WORD | HEX);
  mark('abcdefABCDEF', HEX);
  mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$', WORD);
  return table;
}

/** Space, tab, line feed, carriage return, form feed, vertical tab. False for NaN (the end). */
export function isSpace(code: number): boolean {
  return code < 128 && ((classes[code] as number) & SPACE) !== 0;
}

/** 0 to 9. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** May stand in an identifier without quotes. */
export function isWord(code: number): boolean {
  return code < 128 ? ((classes[code] as number) & WORD) !== 0 : code >= 128;
}

/** 0 to 9, a to f in either case. */
export function isHexDigit(code: number): boolean {
  return code < 128 && ((classes[code] as number) & HEX) !== 0;
}

/** Code units the scanners compare with. */
export const Code = {
  newline: 10,
  space: 32,
  exclamation: 33,
  doubleQuote: 34,
  hash: 35,
  singleQuote: 39,
  star: 42,
  plus: 43,
  minus: 45,
  dot: 46,
  slash: 47,
  zero: 48,
  at: 64,
  upperB: 66,
  upperE: 69,
  upperN: 78,
  upperT: 84,
  upperX: 88,
  backslash: 92,
  underscore: 95,
  backtick: 96,
  lowerB: 98,
  lowerE: 101,
  lowerN: 110,
  lowerX: 120,
} as const;
