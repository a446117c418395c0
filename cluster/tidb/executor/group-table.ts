import type { Column } from '../../column.ts';
import { KeyWords, mixWord } from './columns.ts';

/**
 * Numbers the distinct keys of rows from 0 in order of first appearance. One string column is
 * looked up in a dense array by dictionary code; anything else goes through an open-addressing
 * table of words.
 */
export class GroupTable {
  /** Groups so far. */
  count = 0;
  private readonly words = new KeyWords();
  private readonly keys: Float64Array[];
  private slots = new Int32Array(64).fill(-1);
  private hashes = new Int32Array(64);
  private byCode = new Int32Array(0);
  private nullGroup = -1;
  private dense: boolean;

  /** @param width number of key columns; none makes one group of everything */
  constructor(width: number) {
    this.keys = Array.from({ length: width }, () => new Float64Array(64));
    this.dense = width === 1;
  }

  /**
   * Writes the group of every row into `groups` and the rows that opened one into `fresh`; how many
   * did.
   */
  assign(
    columns: readonly Column[],
    length: number,
    groups: Int32Array,
    fresh: Int32Array,
  ): number {
    const [first] = columns;
    if (first === undefined) return this.assignAll(length, groups, fresh);
    if (this.dense) {
      if (first.kind === 'string' && this.words.isCoded(first)) {
        return this.assignCodes(first.codes, length, groups, fresh);
      }
      this.leaveDense();
    }
    const words = columns.map((column) => this.words.of(column, length));
    let opened = 0;
    for (let row = 0; row < length; row++) {
      const before = this.count;
      groups[row] = this.lookup(words, row);
      if (this.count > before) fresh[opened++] = row;
    }
    return opened;
  }

  /** Writes the group of every row into `groups`, -1 for those whose key is not there. */
  find(columns: readonly Column[], length: number, groups: Int32Array): void {
    const [first] = columns;
    if (first === undefined) {
      groups.fill(this.count - 1, 0, length);
      return;
    }
    if (this.dense && first.kind === 'string' && this.words.isCoded(first)) {
      for (let row = 0; row < length; row++)
        groups[row] = this.groupOfCode(first.codes[row] as number);
      return;
    }
    if (this.dense) this.leaveDense();
    const words = columns.map((column) => this.words.of(column, length));
    for (let row = 0; row < length; row++) {
      groups[row] = this.slots[this.slotOf(words, row, hashOf(words, row))] as number;
    }
  }

  private groupOfCode(code: number): number {
    return code < 0 ? this.nullGroup : (this.byCode[code] ?? 0) - 1;
  }

  private assignAll(length: number, groups: Int32Array, fresh: Int32Array): number {
    groups.fill(0, 0, length);
    if (this.count > 0 || length === 0) return 0;
    this.count = 1;
    fresh[0] = 0;
    return 1;
  }

  private assignCodes(
    codes: Int32Array,
    length: number,
    groups: Int32Array,
    fresh: Int32Array,
  ): number {
    let opened = 0;
    let byCode: Int32Array = this.byCode;
    for (let row = 0; row < length; row++) {
      const code = codes[row] as number;
      if (code >= byCode.length) byCode = this.growCodes(code);
      let group = code < 0 ? this.nullGroup : (byCode[code] as number) - 1;
      if (group < 0) {
        group = this.count++;
        if (code < 0) this.nullGroup = group;
        else byCode[code] = group + 1;
        fresh[opened++] = row;
      }
      groups[row] = group;
    }
    return opened;
  }

  private growCodes(code: number): Int32Array {
    const grown = new Int32Array(Math.max(1024, 2 * code));
    grown.set(this.byCode);
    this.byCode = grown;
    return grown;
  }

  /** A column that is not coded turned up: what was dense moves into the table of words. */
  private leaveDense(): void {
    this.dense = false;
    const { count, byCode } = this;
    const codes = new Float64Array(count);
    for (let code = 0; code < byCode.length; code++) {
      const group = (byCode[code] as number) - 1;
      if (group >= 0) codes[group] = code;
    }
    if (this.nullGroup >= 0) codes[this.nullGroup] = this.words.nullWord;
    this.count = 0;
    for (let group = 0; group < count; group++) this.lookup([codes], group);
  }

  private lookup(words: readonly Float64Array[], row: number): number {
    const hash = hashOf(words, row);
    const slot = this.slotOf(words, row, hash);
    const group = this.slots[slot] as number;
    return group < 0 ? this.open(words, row, hash, slot) : group;
  }

  /** Where a key is, or would go. */
  private slotOf(words: readonly Float64Array[], row: number, hash: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const group = this.slots[slot] as number;
      if (group < 0) return slot;
      if (this.hashes[group] === hash && this.equals(group, words, row)) return slot;
    }
  }

  private equals(group: number, words: readonly Float64Array[], row: number): boolean {
    for (let i = 0; i < words.length; i++) {
      if ((this.keys[i] as Float64Array)[group] !== (words[i] as Float64Array)[row]) return false;
    }
    return true;
  }

  private open(words: readonly Float64Array[], row: number, hash: number, slot: number): number {
    const group = this.count++;
    this.slots[slot] = group;
    if (group >= this.hashes.length) this.growKeys();
    this.hashes[group] = hash;
    for (let i = 0; i < words.length; i++) {
      (this.keys[i] as Float64Array)[group] = (words[i] as Float64Array)[row] as number;
    }
    if (this.count * 2 > this.slots.length) this.rehash();
    return group;
  }

  private growKeys(): void {
    const hashes = new Int32Array(this.hashes.length * 2);
    hashes.set(this.hashes);
    this.hashes = hashes;
    for (let i = 0; i < this.keys.length; i++) {
      const grown = new Float64Array(hashes.length);
      grown.set(this.keys[i] as Float64Array);
      this.keys[i] = grown;
    }
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 4).fill(-1);
    const mask = slots.length - 1;
    for (let group = 0; group < this.count; group++) {
      let slot = (this.hashes[group] as number) & mask;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      slots[slot] = group;
    }
    this.slots = slots;
  }
}

function hashOf(words: readonly Float64Array[], row: number): number {
  let hash = 0;
  for (let i = 0; i < words.length; i++) {
    hash = mixWord(hash, (words[i] as Float64Array)[row] as number);
  }
  return hash;
}
