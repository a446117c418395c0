import type { Key, Stored } from '../../key.ts';
import type { Buffered, MemBuffer } from '../transaction.ts';

/** An entry before it was changed. */
interface Undo {
  readonly encoded: string;
  readonly before: Buffered | undefined;
}

/** Uncommitted writes of a transaction: a map, and a log that lets a statement be undone. */
export class TxnMemBuffer implements MemBuffer {
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
      const { encoded, before } = this.undo.pop() as Undo;
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
    this.undo.push({ encoded, before: this.entries.get(encoded) });
    this.entries.set(encoded, entry);
    this.sorted = undefined;
  }
}

function byKey(a: Buffered, b: Buffered): number {
  return a.key.encoded < b.key.encoded ? -1 : 1;
}
