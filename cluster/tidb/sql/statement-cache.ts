/**
 * Statements by text, without parsing again what differs only in its literals.
 *
 * Load generators send literal SQL, every text new: `… WHERE account_id = "acc17"`, then `"acc18"`.
 * The first text of a shape is parsed; what is kept is the tree and the *shape*: the pieces of text
 * between those literals whose value is the tree's only use of them. A later text has the shape if
 * it starts with the first piece, goes on with a literal of the same type, then with the second
 * piece, and so on to its end. Comparing pieces is a memory comparison, so a hit costs little more
 * than reading the literals themselves.
 *
 * Literals that decide more than a value (a select list names columns, LIMIT, ORDER BY 1, lengths
 * of types, decimals and integers beyond BIGINT, SET, hints) are never cut out by the parser and so
 * stay part of a piece. Blanks and comments are part of the pieces too: programs repeat them
 * exactly, and a text that does not is merely a shape of its own.
 *
 * Why a hit is right: tokens depend only on the text from their first character on, the pieces
 * begin and end at token borders of a text the parser accepted, and the literals in between are
 * read by the very scanner the tokenizer uses.
 */
import type { LiteralValue, Statement } from './ast.ts';
import { Code, isDigit } from './chars.ts';
import { LiteralScanner, type ScannedType } from './literal-scanner.ts';
import { parse } from './parser.ts';
import { MAX_BIGINT } from './parser-base.ts';

/** How many shapes a cache keeps unless told otherwise. */
const DEFAULT_CAPACITY = 512;
/** How much of the text before its first literal picks the bucket. */
const PREFIX_LENGTH = 48;

/** What `lookup` answers. */
export interface CachedText {
  /** The statements of the text; one unless it holds `;` between statements. */
  readonly statements: readonly Statement[];
  /** Literal values by ordinal, for this text. */
  readonly literals: readonly LiteralValue[];
  /** Number of `?` markers. */
  readonly parameterCount: number;
}

/** What has one shape. */
interface Entry {
  readonly statements: readonly Statement[];
  readonly parameterCount: number;
  /** One more than there are types. */
  readonly pieces: readonly string[];
  readonly types: readonly ScannedType[];
  readonly bucket: number;
  /** Clock value of the last use; the smallest is evicted. */
  usedAt: number;
}

/** A bounded cache of parsed texts; the least recently used shape makes room. */
export class StatementCache {
  readonly #capacity: number;
  readonly #scanner = new LiteralScanner();
  /** Entries by hash of their first characters, the one last hit in front. */
  readonly #buckets = new Map<number, Entry[]>();
  #size = 0;
  #clock = 0;
  #hits = 0;
  #misses = 0;

  /** @param capacity number of shapes kept; at least 1 */
  constructor(capacity = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Shapes held now. */
  get size(): number {
    return this.#size;
  }

  /** Lookups answered without parsing. */
  get hits(): number {
    return this.#hits;
  }

  /** Lookups that ran the parser. */
  get misses(): number {
    return this.#misses;
  }

  /** The trees of `text` and its literals. Throws ParseError; errors are not cached. */
  lookup(text: string): CachedText {
    const key = bucketOf(text);
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) {
      for (let i = 0; i < bucket.length; i++) {
        const entry = bucket[i] as Entry;
        const literals = this.#match(entry, text);
        if (literals !== undefined) {
          if (i > 0) moveToFront(bucket, i);
          entry.usedAt = ++this.#clock;
          this.#hits++;
          const { statements, parameterCount } = entry;
          return { statements, literals, parameterCount };
        }
      }
    }
    this.#misses++;
    return this.#parse(text, key);
  }

  /** The literals of `text` if it has the shape of `entry`. */
  #match(entry: Entry, text: string): LiteralValue[] | undefined {
    const { pieces, types } = entry;
    const first = pieces[0] as string;
    if (types.length === 0) return text === first ? [] : undefined;
    if (!text.startsWith(first)) return undefined;
    const literals: LiteralValue[] = [];
    const scanner = this.#scanner;
    let at = first.length;
    for (let i = 0; i < types.length; i++) {
      if (scanner.scan(text, at) !== types[i]) return undefined;
      const { value } = scanner;
      if (typeof value === 'bigint' && value > MAX_BIGINT) return undefined;
      literals.push(value);
      at = scanner.end;
      const piece = pieces[i + 1] as string;
      if (!text.startsWith(piece, at)) return undefined;
      at += piece.length;
    }
    return at === text.length ? literals : undefined;
  }

  #parse(text: string, key: number): CachedText {
    const { statements, freeLiterals, parameterCount } = parse(text);
    const pieces: string[] = [];
    const types: ScannedType[] = [];
    let at = 0;
    for (const token of freeLiterals) {
      pieces.push(text.slice(at, token.startOffset));
      types.push(this.#scanner.scan(text, token.startOffset));
      at = token.stopOffset;
    }
    pieces.push(text.slice(at));
    const usedAt = ++this.#clock;
    this.#add({ statements, parameterCount, pieces, types, bucket: key, usedAt });
    return { statements, literals: freeLiterals.map((token) => token.payload), parameterCount };
  }

  #add(entry: Entry): void {
    if (this.#size >= this.#capacity) this.#evict();
    const bucket = this.#buckets.get(entry.bucket);
    if (bucket === undefined) this.#buckets.set(entry.bucket, [entry]);
    else bucket.unshift(entry);
    this.#size++;
  }

  /** Linear in the capacity, which is little beside the parse that made it necessary. */
  #evict(): void {
    let oldest: Entry | undefined;
    for (const bucket of this.#buckets.values()) {
      for (const entry of bucket) {
        if (oldest === undefined || entry.usedAt < oldest.usedAt) oldest = entry;
      }
    }
    if (oldest === undefined) return;
    const bucket = this.#buckets.get(oldest.bucket) ?? [];
    bucket.splice(bucket.indexOf(oldest), 1);
    if (bucket.length === 0) this.#buckets.delete(oldest.bucket);
    this.#size--;
  }
}

function moveToFront(bucket: Entry[], index: number): void {
  const entry = bucket[index] as Entry;
  for (let i = index; i > 0; i--) bucket[i] = bucket[i - 1] as Entry;
  bucket[0] = entry;
}

/**
 * A hash of how the text begins, up to the first character that could belong to a literal, so that
 * texts of one shape meet in one bucket. A wrong guess costs a parse, never a wrong answer.
 */
function bucketOf(text: string): number {
  const end = Math.min(text.length, PREFIX_LENGTH);
  let hash = 0;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || code === Code.singleQuote || code === Code.doubleQuote) break;
    hash = (Math.imul(hash, 31) + code) | 0;
  }
  return hash;
}
