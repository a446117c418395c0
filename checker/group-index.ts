import { textOfHalves } from './int64-halves.ts';

/**
 * A hash table from 64-bit posting groups to small numbers: 0, 1, 2, … in order of first
 * appearance. Open addressing over typed arrays; no object per group.
 */
export class GroupIndex {
  /** How many groups there are. */
  count = 0;
  private readonly highs: Int32Array;
  private readonly lows: Int32Array;
  /** Number plus one; 0 is an empty slot. */
  private readonly slots: Int32Array;
  private readonly mask: number;

  /** An index for at most `capacity` groups. */
  constructor(capacity: number) {
    let size = 16;
    while (size < capacity * 2) size *= 2;
    this.slots = new Int32Array(size);
    this.mask = size - 1;
    this.highs = new Int32Array(capacity);
    this.lows = new Int32Array(capacity);
  }

  /** The number of a group, given on first sight. */
  numberOf(high: number, low: number): number {
    const slot = this.slotOf(high, low);
    const found = this.slots[slot] as number;
    if (found !== 0) return found - 1;
    const number = this.count++;
    this.highs[number] = high;
    this.lows[number] = low;
    this.slots[slot] = number + 1;
    return number;
  }

  /** The number of a group, or -1 if it was never seen. */
  find(high: number, low: number): number {
    return (this.slots[this.slotOf(high, low)] as number) - 1;
  }

  /** The group with a number, as a decimal string. */
  text(number: number): string {
    return textOfHalves(this.highs[number] as number, this.lows[number] as number);
  }

  /** The slot that holds the group, or the empty one where it would go. */
  private slotOf(high: number, low: number): number {
    let hash = Math.imul(high ^ Math.imul(low, 0x9e3779b1), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    let slot = (hash ^ (hash >>> 13)) & this.mask;
    for (;;) {
      const found = this.slots[slot] as number;
      if (found === 0) return slot;
      if (this.highs[found - 1] === high && this.lows[found - 1] === low) return slot;
      slot = (slot + 1) & this.mask;
    }
  }
}
