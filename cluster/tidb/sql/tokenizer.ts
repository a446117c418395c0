/**
 * Text to tokens. Written by hand rather than as Chevrotain patterns, because four of MySQL's
 * lexical rules look at their surroundings: `--` opens a comment only before a blank, a word behind
 * a dot is always a name, some function names are keywords only right before `(`, and the content
 * of version comments is part of the statement.
 */
import type { IToken, TokenType } from 'chevrotain';
import type { LiteralValue } from './ast.ts';
import { Code, isWord } from './chars.ts';
import { Identifier, keyword, typeOfWord } from './keywords.ts';
import { LiteralScanner, ScannedType, skipBlank } from './literal-scanner.ts';
import { HintComment, Invalid, literal, symbol, variable } from './tokens.ts';

/** A token. The image of a name is the name, without quotes. */
export interface SqlToken extends IToken {
  readonly startOffset: number;
  /** Index behind the last character. */
  readonly stopOffset: number;
  readonly tokenTypeIdx: number;
  readonly tokenType: TokenType;
  /** Value of a literal token. */
  readonly payload: LiteralValue;
}

const symbolsBySpelling: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ...Object.values(symbol).map((type) => [type.name, type] as const),
  ['<>', symbol.notEqual],
]);

const literalTypes: readonly TokenType[] = (() => {
  const types: TokenType[] = [];
  types[ScannedType.int] = literal.int;
  types[ScannedType.decimal] = literal.decimal;
  types[ScannedType.real] = literal.real;
  types[ScannedType.string] = literal.string;
  types[ScannedType.hex] = literal.hex;
  types[ScannedType.bit] = literal.bit;
  types[ScannedType.broken] = Invalid;
  return types;
})();

const hintBearers: ReadonlySet<TokenType> = new Set([
  keyword.SELECT,
  keyword.INSERT,
  keyword.REPLACE,
  keyword.UPDATE,
  keyword.DELETE,
]);

/** Splits `text` into tokens; what cannot be read becomes one `Invalid` token to the end. */
export function tokenize(text: string): SqlToken[] {
  return new Tokenizer(text).run();
}

class Tokenizer {
  readonly #text: string;
  readonly #tokens: SqlToken[] = [];
  readonly #scanner = new LiteralScanner();
  #at = 0;
  #inVersionComment = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): SqlToken[] {
    const text = this.#text;
    for (;;) {
      this.#at = skipBlank(text, this.#at);
      if (this.#at >= text.length) break;
      if (!this.#skipVersionMark()) this.#next();
    }
    if (this.#inVersionComment) this.#push(Invalid, '', text.length, null);
    return this.#tokens;
  }

  #push(type: TokenType, image: string, stopOffset: number, payload: LiteralValue): void {
    this.#tokens.push({
      image,
      startOffset: this.#at,
      stopOffset,
      tokenTypeIdx: type.tokenTypeIdx as number,
      tokenType: type,
      payload,
    });
    this.#at = stopOffset;
  }

  #next(): void {
    const text = this.#text;
    const code = text.charCodeAt(this.#at);
    const afterDot = this.#isBehindDot();
    const scanned = afterDot ? ScannedType.none : this.#scanner.scan(text, this.#at);
    if (scanned !== ScannedType.none) this.#literal(scanned);
    else if (isWord(code)) this.#word(afterDot);
    else if (code === Code.backtick) this.#quotedName();
    else if (code === Code.at) this.#variable();
    else if (text.startsWith('/*', this.#at)) this.#hint();
    else this.#symbol();
  }

  /** True in `t.name`, where the dot touches the word in front of it. */
  #isBehindDot(): boolean {
    const last = this.#tokens.at(-1);
    return last?.tokenType === symbol.dot && last.stopOffset === this.#at;
  }

  #literal(scanned: ScannedType): void {
    const type = literalTypes[scanned] ?? Invalid;
    const end = type === Invalid ? this.#text.length : this.#scanner.end;
    this.#push(type, this.#text.slice(this.#at, end), end, this.#scanner.value);
  }

  #invalid(): void {
    this.#push(Invalid, '', this.#text.length, null);
  }

  #word(afterDot: boolean): void {
    const text = this.#text;
    let end = this.#at + 1;
    while (isWord(text.charCodeAt(end))) end++;
    const word = text.slice(this.#at, end);
    const type = afterDot ? Identifier : typeOfWord(word, text.charAt(end) === '(');
    this.#push(type, word, end, null);
  }

  #quotedName(): void {
    const name = this.#backticked(this.#at);
    if (name === undefined) this.#invalid();
    else this.#push(Identifier, name.image, name.end, null);
  }

  #backticked(start: number): { image: string; end: number } | undefined {
    const text = this.#text;
    let end = start;
    do {
      end = text.indexOf('`', end + 1);
      if (end < 0) return undefined;
    } while (text.charCodeAt(end + 1) === Code.backtick && ++end > 0);
    if (end === start + 1) return undefined;
    return { image: text.slice(start + 1, end).replaceAll('``', '`'), end: end + 1 };
  }

  #variable(): void {
    const system = this.#text.startsWith('@@', this.#at);
    const name = this.#variableName(this.#at + (system ? 2 : 1), system);
    if (name === undefined) this.#invalid();
    else this.#push(system ? variable.system : variable.user, name.image, name.end, null);
  }

  #variableName(start: number, system: boolean): { image: string; end: number } | undefined {
    const text = this.#text;
    const first = text.charCodeAt(start);
    if (!system && first === Code.backtick) return this.#backticked(start);
    if (!system && (first === Code.singleQuote || first === Code.doubleQuote)) {
      const scanned = this.#scanner.scan(text, start);
      if (scanned !== ScannedType.string) return undefined;
      return { image: String(this.#scanner.value), end: this.#scanner.end };
    }
    let end = start;
    while (isWord(text.charCodeAt(end)) || text.charCodeAt(end) === Code.dot) end++;
    return end === start ? undefined : { image: text.slice(start, end), end };
  }

  /** A hint comment; ignored unless it follows a statement word. */
  #hint(): void {
    const end = this.#text.indexOf('*/', this.#at);
    const last = this.#tokens.at(-1);
    if (end < 0) {
      this.#invalid();
    } else if (last !== undefined && hintBearers.has(last.tokenType)) {
      this.#push(HintComment, this.#text.slice(this.#at + 3, end).trim(), end + 2, null);
    } else {
      this.#at = end + 2;
    }
  }

  #symbol(): void {
    for (let length = 3; length > 0; length--) {
      const spelling = this.#text.slice(this.#at, this.#at + length);
      const type = symbolsBySpelling.get(spelling);
      if (type !== undefined) {
        this.#push(type, spelling, this.#at + length, null);
        return;
      }
    }
    this.#invalid();
  }

  /** Steps over the marks around a version comment and reports whether there was one. */
  #skipVersionMark(): boolean {
    const opening = openingOfVersionComment(this.#text, this.#at);
    if (opening > 0 && !this.#inVersionComment) {
      this.#inVersionComment = true;
      this.#at += opening;
      return true;
    }
    if (this.#inVersionComment && this.#text.startsWith('*/', this.#at)) {
      this.#inVersionComment = false;
      this.#at += 2;
      return true;
    }
    return false;
  }
}

/** Length of `/*!40101`, `/*T!` or `/*T![feature]` at `at`; 0 when there is none. */
function openingOfVersionComment(text: string, at: number): number {
  if (text.charCodeAt(at) !== Code.slash || text.charCodeAt(at + 1) !== Code.star) return 0;
  const third = text.charCodeAt(at + 2);
  if (third !== Code.exclamation && third !== Code.upperT) return 0;
  const match = /^\/\*(?:![0-9]*|T!(?:\[[\w,]*\])?)/.exec(text.slice(at, at + 80));
  return match === null ? 0 : match[0].length;
}
