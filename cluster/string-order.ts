/**
 * Numbers that stand for the order of strings: `label(a) < label(b)` iff `a < b`. Searching a leaf
 * then compares doubles that lie side by side instead of following pointers to strings, which was
 * measured to be most of the cost of a search. A new string gets the middle of its neighbours'
 * labels; when there is no room left between them, all are spread out anew and `version` changes.
 */

/** Distance between neighbours after spreading. */
const SPACING = 1048576;
/**
 * Strings that arrive in order take so small a part of the gap each, to leave room for the next.
 */
const SEQUENTIAL_PART = 1 / 64;
/** Codes in one block of the sorted list. */
const BLOCK = 512;
/** Room for so many labels is made with the first. */
const LEAST_LABELS = 1024;

/** The order of a dictionary's strings. */
export class StringOrder {
  /** Changes when labels do. */
  version = 0;
  /** Label by code; NaN until asked for. */
  labels = new Float64Array(0);
  private readonly strings: readonly string[];
  /** All labelled codes in order of their strings, cut into blocks. */
  private readonly blocks: number[][] = [];
  private lastPlaced: number | undefined = undefined;

  constructor(strings: readonly string[]) {
    this.strings = strings;
  }

  /**
   * The label of the string with this code. Labels read before are void if this changed `version`.
   */
  label(code: number): number {
    if (code >= this.labels.length) this.grow(code);
    const known = this.labels[code] as number;
    if (!Number.isNaN(known)) return known;
    this.place(code);
    return this.labels[code] as number;
  }

  private place(code: number): void {
    const text = this.strings[code] as string;
    const index = this.blockOf(text);
    const block = this.blocks[index];
    if (block === undefined) {
      this.blocks.push([code]);
      this.labels[code] = 0;
      return;
    }
    const at = this.position(block, text);
    const before = at > 0 ? block[at - 1] : this.blocks[index - 1]?.at(-1);
    const after = at < block.length ? block[at] : this.blocks[index + 1]?.[0];
    block.splice(at, 0, code);
    if (block.length > BLOCK) this.blocks.splice(index + 1, 0, block.splice(BLOCK / 2));
    this.labelBetween(code, before, after);
  }

  private labelBetween(code: number, before: number | undefined, after: number | undefined): void {
    const low = before === undefined ? undefined : (this.labels[before] as number);
    const high = after === undefined ? undefined : (this.labels[after] as number);
    if (low === undefined) this.labels[code] = (high ?? 0) - SPACING;
    else if (high === undefined) this.labels[code] = low + SPACING;
    else {
      const part = before === this.lastPlaced ? SEQUENTIAL_PART : 1 / 2;
      const label = low + (high - low) * part;
      if (label > low && label < high) this.labels[code] = label;
      else this.spread();
    }
    this.lastPlaced = code;
  }

  private spread(): void {
    let label = 0;
    for (const block of this.blocks) {
      for (const code of block) {
        this.labels[code] = label;
        label += SPACING;
      }
    }
    this.version++;
  }

  /** The block in which `text` lies or would lie. */
  private blockOf(text: string): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = (this.blocks[middle] as number[])[0] as number;
      if ((this.strings[first] as string) <= text) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private position(block: readonly number[], text: string): number {
    let low = 0;
    let high = block.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.strings[block[middle] as number] as string) < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private grow(code: number): void {
    const size = Math.max(LEAST_LABELS, code + 1, this.labels.length * 2);
    const labels = new Float64Array(size).fill(Number.NaN);
    labels.set(this.labels);
    this.labels = labels;
  }
}
