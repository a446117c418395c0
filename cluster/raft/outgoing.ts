const NOTHING: readonly never[] = [];

/** Things that wait to be collected. Whoever takes them owns them; nothing is added afterwards. */
export class Outgoing<T> {
  private items: T[] = [];

  get length(): number {
    return this.items.length;
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Everything since the last time. */
  take(): readonly T[] {
    const { items } = this;
    if (items.length === 0) return NOTHING;
    this.items = [];
    return items;
  }
}
