import type { Key } from '../key.ts';
import { hashText } from '../sim/index.ts';

/** A key and its value, linked into a slot and into the order of insertion. */
class Entry<V> {
  readonly key: Key;
  value: V;
  /** The next one in the same slot. */
  chained: Entry<V> | undefined;
  older: Entry<V> | undefined;
  newer: Entry<V> | undefined = undefined;

  constructor(key: Key, value: V, chained: Entry<V> | undefined, older: Entry<V> | undefined) {
    this.key = key;
    this.value = value;
    this.chained = chained;
    this.older = older;
  }
}

const SLOTS_AT_FIRST = 8;

/**
 * A map by key, in order of insertion, for what comes and goes all the time: locks, latches. A
 * `Map` is built anew every so many deletions, now smaller, now larger, and its former tables, old
 * by then, kept alive what they named: half of all that outlived the young generation. This one
 * only ever grows. A key keeps its hash, computed once for all stores.
 */
export class KeyMap<V> {
  size = 0;
  private slots = emptySlots<V>(SLOTS_AT_FIRST);
  private oldest: Entry<V> | undefined = undefined;
  private newest: Entry<V> | undefined = undefined;

  get(key: Key): V | undefined {
    return find(this.slots[this.slotOf(key)], key)?.value;
  }

  /** Sets a key's value and returns the one before; a key that was there keeps its place. */
  set(key: Key, value: V): V | undefined {
    const slot = this.slotOf(key);
    const found = find(this.slots[slot], key);
    if (found !== undefined) {
      const before = found.value;
      found.value = value;
      return before;
    }
    const entry = new Entry(key, value, this.slots[slot], this.newest);
    this.slots[slot] = entry;
    if (this.newest === undefined) this.oldest = entry;
    else this.newest.newer = entry;
    this.newest = entry;
    if (++this.size > this.slots.length) this.grow();
    return undefined;
  }

  /** Removes a key and returns its value. */
  delete(key: Key): V | undefined {
    const slot = this.slotOf(key);
    const first = this.slots[slot];
    const entry = find(first, key);
    if (entry === undefined) return undefined;
    if (first === entry) this.slots[slot] = entry.chained;
    else {
      let before = first as Entry<V>;
      while (before.chained !== entry) before = before.chained as Entry<V>;
      before.chained = entry.chained;
    }
    const { older, newer } = entry;
    if (older === undefined) this.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.newest = older;
    else newer.older = older;
    // An entry that has grown old would keep all that came after it alive until it is collected.
    entry.chained = undefined;
    entry.newer = undefined;
    this.size--;
    return entry.value;
  }

  /** Every value, in order of insertion. */
  *values(): IterableIterator<V> {
    for (let entry = this.oldest; entry !== undefined; entry = entry.newer) yield entry.value;
  }

  private slotOf(key: Key): number {
    if (key.hash < 0) key.hash = hashText(key.encoded) >>> 1;
    return key.hash & (this.slots.length - 1);
  }

  private grow(): void {
    this.slots = emptySlots(2 * this.slots.length);
    for (let entry = this.oldest; entry !== undefined; entry = entry.newer) {
      const slot = this.slotOf(entry.key);
      entry.chained = this.slots[slot];
      this.slots[slot] = entry;
    }
  }
}

function emptySlots<V>(count: number): (Entry<V> | undefined)[] {
  return new Array(count).fill(undefined);
}

/** The entry of a key among those of a slot. */
function find<V>(first: Entry<V> | undefined, key: Key): Entry<V> | undefined {
  for (let entry = first; entry !== undefined; entry = entry.chained) {
    if (entry.key === key || entry.key.encoded === key.encoded) return entry;
  }
  return undefined;
}
