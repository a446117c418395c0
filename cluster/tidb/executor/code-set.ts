/** A set of small integers, such as codes of strings: a bit for each. */
export class CodeSet {
  private bits = new Uint32Array(64);

  /** Adds a code; false if it is there already. */
  add(code: number): boolean {
    const at = code >>> 5;
    if (at >= this.bits.length) this.grow(at + 1);
    const bit = 1 << (code & 31);
    const word = this.bits[at] as number;
    if ((word & bit) !== 0) return false;
    this.bits[at] = word | bit;
    return true;
  }

  private grow(words: number): void {
    const bits = new Uint32Array(Math.max(words, 2 * this.bits.length));
    bits.set(this.bits);
    this.bits = bits;
  }
}
