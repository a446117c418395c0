import type { Column } from '../../column.ts';
import { KeyWords } from './columns.ts';

/** Finds where the key changes in rows that come in order of their keys, chunk after chunk. */
export class KeyRuns {
  private readonly words: readonly KeyWords[];
  /** Words of the keys of the row before. */
  private readonly last: Float64Array;
  private known = false;

  /** @param width number of key columns; none makes one run of everything */
  constructor(width: number) {
    this.words = Array.from({ length: width }, () => new KeyWords());
    this.last = new Float64Array(width);
  }

  /** Writes the rows that begin a run into `begins`; how many do. */
  find(keys: readonly Column[], length: number, begins: Int32Array): number {
    if (length === 0) return 0;
    const [first] = keys;
    const coded =
      keys.length === 1 &&
      first?.kind === 'string' &&
      !first.vacant &&
      (this.words[0] as KeyWords).isCoded(first);
    const count = coded
      ? this.findCodes(first.codes, length, begins)
      : this.findWords(keys, length, begins);
    this.known = true;
    return count;
  }

  private findCodes(codes: Int32Array, length: number, begins: Int32Array): number {
    const { nullWord } = this.words[0] as KeyWords;
    const before = this.last[0] as number;
    let last = before === nullWord ? -1 : before;
    let count = 0;
    if (!this.known) {
      last = codes[0] as number;
      begins[count++] = 0;
    }
    for (let row = 0; row < length; row++) {
      const code = codes[row] as number;
      if (code === last) continue;
      last = code;
      begins[count++] = row;
    }
    this.last[0] = last < 0 ? nullWord : last;
    return count;
  }

  private findWords(keys: readonly Column[], length: number, begins: Int32Array): number {
    const { last } = this;
    const words = keys.map((key, i) => (this.words[i] as KeyWords).of(key, length));
    let known = this.known;
    let count = 0;
    for (let row = 0; row < length; row++) {
      let same = known;
      for (let i = 0; i < words.length && same; i++) {
        same = (words[i] as Float64Array)[row] === last[i];
      }
      if (same) continue;
      begins[count++] = row;
      known = true;
      for (let i = 0; i < words.length; i++) last[i] = (words[i] as Float64Array)[row] as number;
    }
    return count;
  }
}
