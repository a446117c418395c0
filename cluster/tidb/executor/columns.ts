/** Work on whole columns that several operators share. */
import { appendRows } from '../../append-rows.ts';
import { type Column, IntColumn, newColumn, RealColumn, StringColumn } from '../../column.ts';
import { columnView } from '../../column-view.ts';
import type { Dictionary } from '../../dictionary.ts';
import type { Chunk } from '../chunk.ts';
import { trimEnd } from '../sql/catalog-keys.ts';
import { type SqlType, storageKind } from '../sql/catalog-type.ts';
import type { Compiled, StatementContext } from './context.ts';
import { toStored } from './value.ts';

/** An empty column that rows of `column` can be appended to. */
export function emptyLike(column: Column, capacity = 32): Column {
  if (column.kind === 'string') return new StringColumn(capacity, column.dictionary);
  return column.kind === 'int' ? new IntColumn(capacity) : new RealColumn(capacity);
}

/** Appends rows as `appendRows` does, also between columns of different dictionaries. */
export function append(
  to: Column,
  from: Column,
  rows: Int32Array | undefined,
  start: number,
  count: number,
): void {
  const foreign =
    to.kind !== from.kind ||
    (to.kind === 'string' && to.dictionary !== (from as StringColumn).dictionary);
  if (!foreign) {
    appendRows(to, from, rows, start, count);
    return;
  }
  for (let i = 0; i < count; i++) {
    to.push(from.get(rows === undefined ? start + i : (rows[i] as number)));
  }
}

/** Rows that nobody reads: so many NULLs, for which there is no array. */
function unread(column: Column, count: number): Column {
  const blank = emptyLike(column, 0);
  blank.length = count;
  return blank;
}

/**
 * Rows of a chunk as a chunk of their own.
 *
 * @param wanted columns of which they are copied; what it says nothing of is
 */
export function take(
  chunk: Chunk,
  rows: Int32Array | undefined,
  start: number,
  count: number,
  wanted: readonly boolean[] = [],
): Chunk {
  const columns = chunk.columns.map((column, i) => {
    if (wanted[i] === false) return unread(column, count);
    const taken = emptyLike(column, Math.max(1, count));
    appendRows(taken, column, rows, start, count);
    return taken;
  });
  return { columns, length: count };
}

/**
 * A run of a chunk's rows that shares its arrays: to be read only, and dear where little is taken
 * of much and kept for long.
 */
export function view({ columns }: Chunk, start: number, count: number): Chunk {
  return { columns: columns.map((column) => columnView(column, start, count)), length: count };
}

/** Rows gathered from many chunks. */
export class RowBuffer implements Chunk {
  columns: Column[] = [];
  length = 0;
  private readonly wanted: readonly boolean[];

  /** @param wanted columns that are kept; what it says nothing of is */
  constructor(wanted: readonly boolean[] = []) {
    this.wanted = wanted;
  }

  /** Appends the rows listed, or all of them. */
  append(chunk: Chunk, rows?: Int32Array, count = chunk.length): void {
    if (this.columns.length === 0) {
      this.columns = chunk.columns.map((column, i) =>
        emptyLike(column, this.wanted[i] === false ? 0 : Math.max(1, count)),
      );
    }
    for (let i = 0; i < this.columns.length; i++) {
      if (this.wanted[i] === false) continue;
      append(this.columns[i] as Column, chunk.columns[i] as Column, rows, 0, count);
    }
    this.length += count;
  }

  /** As `append`, of a chunk that nobody else holds: if it is the first, it is not copied. */
  adopt(chunk: Chunk): void {
    if (this.columns.length > 0) this.append(chunk);
    else {
      this.columns = [...chunk.columns];
      this.length = chunk.length;
    }
  }
}

/** Computes an expression for every row of a chunk. */
export function computeColumn(ctx: StatementContext, compiled: Compiled, chunk: Chunk): Column {
  if (compiled.column !== undefined) return chunk.columns[compiled.column] as Column;
  const { type, evaluate } = compiled;
  const column = newColumn(storageKind(type), ctx.scratch, chunk.length);
  for (let row = 0; row < chunk.length; row++) {
    column.push(toStored(evaluate(ctx, chunk, row), type));
  }
  return column;
}

/** An empty column for values of a type. */
export function columnFor(type: SqlType, ctx: StatementContext, capacity = 32): Column {
  return newColumn(storageKind(type), ctx.scratch, capacity);
}

interface PaddingCheck {
  checked: number;
  found: boolean;
}

/** Which dictionaries hold a string that ends with a blank; grows with the dictionary. */
const paddingChecks = new WeakMap<Dictionary, PaddingCheck>();

function hasPadding(dictionary: Dictionary): boolean {
  let check = paddingChecks.get(dictionary);
  if (check === undefined) {
    check = { checked: 0, found: false };
    paddingChecks.set(dictionary, check);
  }
  const { strings } = dictionary;
  for (; check.checked < strings.length && !check.found; check.checked++) {
    check.found = (strings[check.checked] as string).endsWith(' ');
  }
  return check.found;
}

/** Word of NULL: no integer that a double holds exactly and no code. */
const NULL_WORD = -(2 ** 60);
/** Words of strings that the first dictionary does not know. */
const FOREIGN_BASE = 2 ** 33;
/**
 * Words of integers beyond 2^53 begin here, four apart: the next doubles that are no safe integers.
 */
const WIDE_BASE = 2 ** 55;

/**
 * Gives every value of a key column a double of its own, its *word*: equal values have equal words,
 * so that grouping and joining compare doubles only. Strings equal under PAD SPACE share a word.
 */
export class KeyWords {
  readonly nullWord = NULL_WORD;
  private home: Dictionary | undefined = undefined;
  private readonly foreign = new Map<string, number>();
  private readonly wide = new Map<bigint, number>();

  /**
   * The words of a column's rows; the array may be longer, and is the column's own where it can be.
   */
  of(column: Column, length: number): Float64Array {
    if (column.vacant) return new Float64Array(length).fill(NULL_WORD);
    if (column.kind === 'string') return this.ofStrings(column, length);
    if (column.kind === 'real' || column.bigs === undefined) {
      return this.ofFloats(column.floats, length);
    }
    const words = new Float64Array(length);
    for (let row = 0; row < length; row++) {
      const value = column.get(row);
      words[row] = typeof value === 'bigint' ? this.wideWord(value) : (value ?? NULL_WORD);
    }
    return words;
  }

  /** As `of`, for where NULL equals nothing: NULLs may stay NaN, which equals nothing too. */
  ofUnequalNulls(column: Column, length: number): Float64Array {
    const plain = !column.vacant && column.kind !== 'string';
    if (plain && (column.kind === 'real' || column.bigs === undefined)) return column.floats;
    return this.of(column, length);
  }

  /** Whether words of this column are its dictionary codes as they are (NULL is -1). */
  isCoded(column: Column): boolean {
    if (column.kind !== 'string') return false;
    this.home ??= column.dictionary;
    return this.home === column.dictionary && !hasPadding(this.home) && this.foreign.size === 0;
  }

  /** Without NULLs doubles are their own words: the two zeros are equal anyway. */
  private ofFloats(floats: Float64Array, length: number): Float64Array {
    let plain = 0;
    while (plain < length && !Number.isNaN(floats[plain])) plain++;
    if (plain === length) return floats;
    const words = floats.slice(0, length);
    for (let row = plain; row < length; row++) {
      if (Number.isNaN(words[row])) words[row] = NULL_WORD;
    }
    return words;
  }

  private ofStrings(column: StringColumn, length: number): Float64Array {
    const words = new Float64Array(length);
    const { codes } = column;
    if (this.isCoded(column)) {
      for (let row = 0; row < length; row++) {
        const code = codes[row] as number;
        words[row] = code < 0 ? NULL_WORD : code;
      }
      return words;
    }
    for (let row = 0; row < length; row++) {
      const text = column.get(row);
      words[row] = text === null ? NULL_WORD : this.stringWord(trimEnd(text));
    }
    return words;
  }

  private stringWord(text: string): number {
    const known = this.foreign.get(text);
    if (known !== undefined) return known;
    const code = this.home?.find(text) ?? -1;
    if (code >= 0) return code;
    const word = FOREIGN_BASE + this.foreign.size;
    this.foreign.set(text, word);
    return word;
  }

  private wideWord(value: bigint): number {
    let word = this.wide.get(value);
    if (word === undefined) {
      word = WIDE_BASE + 8 * this.wide.size;
      this.wide.set(value, word);
    }
    return word;
  }
}

/** Whether a word stands for NULL. */
export function isNullWord(word: number): boolean {
  return word === NULL_WORD || Number.isNaN(word);
}

/** Mixes a word into a hash. */
export function mixWord(hash: number, word: number): number {
  const low = word | 0;
  const high = (word / 4294967296) | 0;
  const mixed = Math.imul(hash ^ low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
