import type { Key } from '../../key.ts';
import type { Lock } from '../../mvcc/records.ts';

/**
 * The lock column family of one store. Points are looked up in a Map; locks that can block a reader
 * (those that will become a put or a delete) are also kept in key order, for scans.
 */
export class LockTable {
  private readonly byKey = new Map<string, Lock>();
  private readonly blocking: Lock[] = [];

  /** Locks on the store. */
  get size(): number {
    return this.byKey.size;
  }

  /** The lock on a key. */
  get(key: Key): Lock | undefined {
    return this.byKey.get(key.encoded);
  }

  /** Writes a lock over whatever stood there. */
  put(lock: Lock): void {
    const encoded = lock.key.encoded;
    const old = this.byKey.get(encoded);
    this.byKey.set(encoded, lock);
    if (old !== undefined && blocks(old)) this.unblock(encoded);
    if (blocks(lock)) this.blocking.splice(this.position(encoded), 0, lock);
  }

  /** Removes a key's lock and returns it. */
  delete(key: Key): Lock | undefined {
    const lock = this.byKey.get(key.encoded);
    if (lock === undefined) return undefined;
    this.byKey.delete(key.encoded);
    if (blocks(lock)) this.unblock(key.encoded);
    return lock;
  }

  /** The first lock in `[start, end)` that stands in the way of a reader at `readTs`. */
  firstBlocking(
    start: string,
    end: string,
    readTs: number,
    bypass: readonly number[],
  ): Lock | undefined {
    const { blocking } = this;
    if (blocking.length === 0) return undefined;
    for (let i = this.position(start); i < blocking.length; i++) {
      const lock = blocking[i] as Lock;
      if (lock.key.encoded >= end) return undefined;
      if (lock.startTs > readTs || lock.minCommitTs > readTs) continue;
      if (!bypass.includes(lock.startTs)) return lock;
    }
    return undefined;
  }

  /** Locks of one transaction with keys in `[start, end)`; `end` '' is no bound. */
  ofTransaction(startTs: number, start: string, end: string): Lock[] {
    const locks: Lock[] = [];
    for (const lock of this.byKey.values()) {
      const { encoded } = lock.key;
      if (lock.startTs !== startTs || encoded < start) continue;
      if (end === '' || encoded < end) locks.push(lock);
    }
    return locks;
  }

  /** Every lock, in order of acquisition. */
  all(): IterableIterator<Lock> {
    return this.byKey.values();
  }

  private unblock(encoded: string): void {
    this.blocking.splice(this.position(encoded), 1);
  }

  private position(encoded: string): number {
    let low = 0;
    let high = this.blocking.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.blocking[middle] as Lock).key.encoded < encoded) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function blocks(lock: Lock): boolean {
  return lock.type === 'put' || lock.type === 'delete';
}
