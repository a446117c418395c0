import type { Key, Stored } from '../../key.ts';
import type { Buffered, MemBuffer } from '../transaction.ts';

/** An entry before it was changed. */
interface Undo {
  readonly encoded: string;
  readonly before: Buffered | undefined;
  /** The buffer's bytes before the change. */
  readonly bytes: number;
}

/** A node of the tree that client-go keeps keys in, beside the key. */
const NODE_BYTES = 56;
/** What stands before each value in its log. */
const VALUE_HEADER_BYTES = 20;

/** Uncommitted writes of a transaction: a map, and a log that lets a statement be undone. */
export class TxnMemBuffer implements MemBuffer {
  bytes = 0;
  private readonly entries = new Map<string, Buffered>();
  private readonly undo: Undo[] = [];
  private sorted: Buffered[] | undefined = undefined;

  get size(): number {
    return this.entries.size;
  }

  get(key: Key): Buffered | undefined {
    return this.entries.get(key.encoded);
  }

  put(key: Key, values: readonly Stored[], presumeNotExists: boolean): void {
    this.set({ key, values, presumeNotExists });
  }

  /** A delete of a key that was presumed absent keeps the presumption: it must still be checked. */
  delete(key: Key): void {
    const before = this.entries.get(key.encoded);
    this.set({ key, values: undefined, presumeNotExists: before?.presumeNotExists === true });
  }

  range(start: string, end: string): readonly Buffered[] {
    this.sorted ??= [...this.entries.values()].sort(byKey);
    return this.sorted.filter(({ key }) => key.encoded >= start && key.encoded < end);
  }

  checkpoint(): number {
    return this.undo.length;
  }

  revert(checkpoint: number): void {
    while (this.undo.length > checkpoint) {
      const { encoded, before, bytes } = this.undo.pop() as Undo;
      this.bytes = bytes;
      if (before === undefined) this.entries.delete(encoded);
      else this.entries.set(encoded, before);
    }
    this.sorted = undefined;
  }

  /** Every change, in no particular order. */
  all(): IterableIterator<Buffered> {
    return this.entries.values();
  }

  private set(entry: Buffered): void {
    const { encoded } = entry.key;
    const before = this.entries.get(encoded);
    this.undo.push({ encoded, before, bytes: this.bytes });
    // Values are appended: a key written twice holds both until the transaction ends.
    this.bytes += VALUE_HEADER_BYTES + valueBytes(entry.values);
    if (before === undefined) this.bytes += NODE_BYTES + encoded.length;
    this.entries.set(encoded, entry);
    this.sorted = undefined;
  }
}

function valueBytes(values: readonly Stored[] | undefined): number {
  let bytes = 0;
  for (const value of values ?? []) {
    if (typeof value === 'string') bytes += value.length;
    else if (value !== null) bytes += 8;
  }
  return bytes;
}

function byKey(a: Buffered, b: Buffered): number {
  return a.key.encoded < b.key.encoded ? -1 : 1;
}
