import type { Column } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import { CodeSet } from './code-set.ts';
import { computeColumn, isNullWord, KeyWords, mixWord } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import type { HashTableBytes } from './hash-table-bytes.ts';

/** Pairs of rows with equal keys: of the chunk that is probed, and of the table. */
export interface Pairs {
  readonly probe: Int32Array;
  readonly build: Int32Array;
  count: number;
}

/** A lookup of a chunk's rows, and where it has got to; void when the next one begins. */
export interface Probe {
  /** The keys, column by column; none of a key whose place says it all. */
  readonly words: readonly Float64Array[];
  /** Where each row's chain begins; negative or too large where it has none. */
  readonly slots: Int32Array;
  readonly length: number;
  row: number;
  /** Row of the table that comes next in the chain. */
  at: number;
}

/** `at`: the row's chain has not been looked for yet. */
const NEW_ROW = -2;
const NO_WORDS = new Float64Array(0);
/** `nexts`: the row is in no chain. */
const OUTSIDE = -3;
/** No 32-bit hash. */
const NULL_HASH = 2 ** 40;
/** Rows are placed by their first key while it stays below so many times their number. */
const SPREAD = 8;
/** Rows with one first key that are gone through one by one. */
const LONGEST_CHAIN = 16;

/**
 * The hash table of a join: rows numbered in order of arrival, chained by the hash of their keys'
 * words. The rows themselves are elsewhere. A key that is NULL equals nothing and is left out.
 *
 * When the last row is in and the first keys turn out to be small integers, as codes of strings
 * are, chains are laid out by that key itself: rows that come in order of it, as from a clustered
 * table, then find neighbouring places one after the other instead of jumping about in memory.
 */
export class BuildTable {
  /** Rows so far, those with a NULL in their key included. */
  length = 0;
  private readonly keys: readonly Compiled[];
  private readonly bytes: HashTableBytes | undefined;
  private readonly keyWords: readonly KeyWords[];
  private readonly words: Float64Array[];
  private nexts = new Int32Array(64);
  /** While no string came twice as first key no chain has two rows, and none is made yet. */
  private firsts: CodeSet | undefined = new CodeSet();
  private heads = new Int32Array(0);
  /** Last rows of the chains, which grow at their ends. */
  private tails = new Int32Array(0);
  private complete = false;
  /** Chains are laid out by the first key, not by hash. */
  private direct = false;
  private slots = new Int32Array(0);

  /** @param bytes told of every entry, where the table is tracked */
  constructor(keys: readonly Compiled[], bytes: HashTableBytes | undefined) {
    this.keys = keys;
    this.bytes = bytes;
    this.keyWords = keys.map(() => new KeyWords());
    this.words = keys.map(() => new Float64Array(64));
  }

  /** Adds the rows of a chunk; not after the first lookup. */
  add(ctx: StatementContext, chunk: Chunk): void {
    const columns = this.keys.map((key) => computeColumn(ctx, key, chunk));
    const words = columns.map((column, i) => this.wordsOf(column, i, chunk.length));
    this.reserve(this.length + chunk.length);
    for (let i = 0; i < words.length; i++) {
      const kept = this.words[i] as Float64Array;
      kept.set((words[i] as Float64Array).subarray(0, chunk.length), this.length);
    }
    if (this.codesOf(columns[0]) === undefined) this.chainAll();
    for (let row = 0; row < chunk.length; row++) {
      this.insert(this.length);
      this.length++;
    }
  }

  /** Begins to look up the rows of a chunk by `keys`; whatever was looked up before has ended. */
  probe(ctx: StatementContext, chunk: Chunk, keys: readonly Compiled[]): Probe {
    if (!this.complete) this.layOut();
    const length = this.length === 0 ? 0 : chunk.length;
    const columns = length === 0 ? [] : keys.map((key) => computeColumn(ctx, key, chunk));
    const slots = this.direct ? this.codesOf(columns[0]) : undefined;
    // Codes are their own places: nothing else will ask for the words of that key.
    const words = columns.map((column, i) =>
      i === 0 && slots !== undefined ? NO_WORDS : this.wordsOf(column, i, length),
    );
    return { words, slots: slots ?? this.place(words, length), length, row: 0, at: NEW_ROW };
  }

  /**
   * The next pairs, in order of the probing chunk, and for each of its rows in order of the table:
   * as many as there is room for.
   */
  match(probe: Probe, pairs: Pairs): void {
    const { words, slots, length } = probe;
    const { nexts, heads } = this;
    const compared = this.direct ? 1 : 0;
    const left = words.length - compared;
    const own = this.words[compared] ?? NO_WORDS;
    const other = words[compared] ?? NO_WORDS;
    const room = pairs.probe.length;
    let { row, at } = probe;
    let count = 0;
    for (; row < length; row++) {
      if (at === NEW_ROW) {
        const slot = slots[row] as number;
        at = slot >= 0 && slot < heads.length ? (heads[slot] as number) : -1;
        if (left > 0 && (at < 0 || (nexts[at] as number) < 0)) {
          const only = at < 0 ? Number.NaN : (own[at] as number);
          row = passOver(slots, other, row, length, only);
          if (row === length || slots[row] !== slot) {
            row--;
            at = NEW_ROW;
            continue;
          }
        }
      }
      for (; at >= 0; at = nexts[at] as number) {
        if (left > 0 && own[at] !== other[row]) continue;
        if (left > 1 && !this.equals(at, words, row, compared + 1)) continue;
        if (count === room) break;
        pairs.probe[count] = row;
        pairs.build[count++] = at;
      }
      if (at >= 0) break;
      at = NEW_ROW;
    }
    probe.row = row;
    probe.at = at;
    pairs.count = count;
  }

  /** Codes of strings that are this table's words as they are. */
  private codesOf(column: Column | undefined): Int32Array | undefined {
    if (column?.kind !== 'string' || column.vacant) return undefined;
    return (this.keyWords[0] as KeyWords).isCoded(column) ? column.codes : undefined;
  }

  private place(words: readonly Float64Array[], length: number): Int32Array {
    if (length > this.slots.length) this.slots = new Int32Array(length);
    if (this.direct && length > 0) this.placeDirectly(words[0] as Float64Array, length);
    else this.placeByHash(words, length);
    return this.slots;
  }

  private placeDirectly(words: Float64Array, length: number): void {
    const { slots, heads } = this;
    const end = heads.length;
    for (let row = 0; row < length; row++) {
      const word = words[row] as number;
      const slot = word | 0;
      slots[row] = slot === word && slot >= 0 && slot < end ? slot : -1;
    }
  }

  private placeByHash(words: readonly Float64Array[], length: number): void {
    const { slots } = this;
    const mask = this.heads.length - 1;
    for (let row = 0; row < length; row++) {
      const hash = hashAt(words, row);
      slots[row] = hash === NULL_HASH ? -1 : hash & mask;
    }
  }

  /** All rows are in: places them by their first key where that makes no long chains. */
  private layOut(): void {
    this.complete = true;
    const places = this.directPlaces();
    if (places === 0) {
      this.chainAll();
      return;
    }
    const { heads, nexts } = this;
    this.direct = true;
    this.heads = new Int32Array(places).fill(-1);
    const [first] = this.words as [Float64Array];
    if (this.firsts !== undefined) {
      for (let row = 0; row < this.length; row++) {
        if (nexts[row] !== OUTSIDE) this.heads[first[row] as number] = row;
      }
      return;
    }
    this.tails = new Int32Array(places);
    const depths = new Uint8Array(places);
    for (let row = 0; row < this.length; row++) {
      if (nexts[row] === OUTSIDE) continue;
      const slot = first[row] as number;
      const depth = (depths[slot] as number) + 1;
      if (depth > LONGEST_CHAIN && this.keys.length > 1) {
        this.direct = false;
        this.rehash(heads.length);
        return;
      }
      depths[slot] = Math.min(depth, LONGEST_CHAIN);
      this.chain(slot, row);
    }
    this.tails = new Int32Array(0);
  }

  /** How many places the first keys need if each is to be one; 0 if that cannot be. */
  private directPlaces(): number {
    const [first] = this.words;
    if (first === undefined) return 0;
    const limit = SPREAD * this.length;
    let most = -1;
    for (let row = 0; row < this.length; row++) {
      if (this.nexts[row] === OUTSIDE) continue;
      const word = first[row] as number;
      if ((word | 0) !== word || word < 0 || word >= limit) return 0;
      if (word > most) most = word;
    }
    return most + 1;
  }

  private insert(row: number): void {
    const hash = hashAt(this.words, row);
    if (hash === NULL_HASH) {
      this.nexts[row] = OUTSIDE;
      return;
    }
    if (this.firsts?.add((this.words[0] as Float64Array)[row] as number) === true) {
      this.bytes?.add(hash, true);
      this.nexts[row] = -1;
      return;
    }
    this.chainAll();
    const slot = hash & (this.heads.length - 1);
    if (this.bytes !== undefined) this.bytes.add(hash, !this.has(slot, row));
    this.chain(slot, row);
  }

  /** From now on chains are made. */
  private chainAll(): void {
    if (this.firsts === undefined) return;
    this.firsts = undefined;
    this.reserveHeads();
  }

  private chain(slot: number, row: number): void {
    if ((this.heads[slot] as number) < 0) this.heads[slot] = row;
    else this.nexts[this.tails[slot] as number] = row;
    this.tails[slot] = row;
    this.nexts[row] = -1;
  }

  private has(slot: number, row: number): boolean {
    for (let at = this.heads[slot] as number; at >= 0; at = this.nexts[at] as number) {
      if (this.equals(at, this.words, row, 0)) return true;
    }
    return false;
  }

  /** Whether keys are equal from the column `from` on. */
  private equals(at: number, words: readonly Float64Array[], row: number, from: number): boolean {
    for (let i = from; i < words.length; i++) {
      if ((this.words[i] as Float64Array)[at] !== (words[i] as Float64Array)[row]) return false;
    }
    return true;
  }

  private wordsOf(column: Column, key: number, length: number): Float64Array {
    return (this.keyWords[key] as KeyWords).ofUnequalNulls(column, length);
  }

  private reserve(rows: number): void {
    if (rows > this.nexts.length) {
      const room = Math.max(rows, this.nexts.length * 2);
      this.nexts = longer(this.nexts, new Int32Array(room));
      for (const [i, words] of this.words.entries()) {
        this.words[i] = longer(words, new Float64Array(room));
      }
    }
    if (this.firsts === undefined) this.reserveHeads();
  }

  /** Twice as many heads as there is room for rows. */
  private reserveHeads(): void {
    if (this.nexts.length * 2 <= this.heads.length) return;
    let size = 128;
    while (size < this.nexts.length * 2) size *= 2;
    this.rehash(size);
  }

  private rehash(size: number): void {
    this.heads = new Int32Array(size).fill(-1);
    this.tails = new Int32Array(size);
    for (let row = 0; row < this.length; row++) {
      if (this.nexts[row] !== OUTSIDE) this.chain(hashAt(this.words, row) & (size - 1), row);
    }
  }
}

/**
 * The first row from `row` on that has another place, or whose key is `only`: that of the one row
 * there is at this place, NaN for none. Rows side by side mostly have one place.
 */
function passOver(
  slots: Int32Array,
  keys: Float64Array,
  row: number,
  length: number,
  only: number,
): number {
  const slot = slots[row];
  let at = row;
  while (at < length && slots[at] === slot && keys[at] !== only) at++;
  return at;
}

function hashAt(words: readonly Float64Array[], row: number): number {
  let hash = 0;
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] as Float64Array)[row] as number;
    if (isNullWord(word)) return NULL_HASH;
    hash = mixWord(hash, word);
  }
  return hash;
}

function longer<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from as never);
  return to;
}
