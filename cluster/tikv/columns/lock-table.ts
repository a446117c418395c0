import type { Bound, Key } from '../../key.ts';
import type { Lock } from '../../mvcc/records.ts';

/**
 * The lock column family of one store. Points are looked up in a Map. Locks that can block a reader
 * (those that will become a put or a delete) are also kept by space and first key value, because
 * that is what most scans fix: the entries of one account.
 */
export class LockTable {
  private readonly byKey = new Map<string, Lock>();
  private readonly blocking = new Map<number, Map<Lead, Lock[]>>();

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
    const { encoded } = lock.key;
    const old = this.byKey.get(encoded);
    this.byKey.set(encoded, lock);
    if (old !== undefined && blocks(old)) this.unblock(old);
    if (blocks(lock)) this.block(lock);
  }

  /** Removes a key's lock and returns it. */
  delete(key: Key): Lock | undefined {
    const lock = this.byKey.get(key.encoded);
    if (lock === undefined) return undefined;
    this.byKey.delete(key.encoded);
    if (blocks(lock)) this.unblock(lock);
    return lock;
  }

  /**
   * The first lock of a space in `[start, end)` that stands in the way of a reader at `readTs`.
   */
  firstBlocking(
    space: number,
    start: Bound,
    end: Bound,
    readTs: number,
    bypass: readonly number[],
  ): Lock | undefined {
    const byValue = this.blocking.get(space);
    if (byValue === undefined || byValue.size === 0) return undefined;
    const lead = leadOf(start);
    let first: Lock | undefined;
    const look = (locks: readonly Lock[] | undefined): void => {
      for (const lock of locks ?? []) {
        const { encoded } = lock.key;
        if (encoded < start.encoded || encoded >= end.encoded) continue;
        if (lock.startTs > readTs || lock.minCommitTs > readTs) continue;
        if (first !== undefined && first.key.encoded < encoded) continue;
        if (!bypass.includes(lock.startTs)) first = lock;
      }
    };
    if (lead !== undefined && lead === leadOf(end)) look(byValue.get(lead));
    else for (const locks of byValue.values()) look(locks);
    return first;
  }

  /** Locks of one transaction with keys in `[start, end)`; `end` '' is no bound. */
  ofTransaction(startTs: number, start: string, end: string): Lock[] {
    return this.inRange(start, end).filter((lock) => lock.startTs === startTs);
  }

  /** Locks with keys in `[start, end)`, in order of acquisition; `end` '' is no bound. */
  inRange(start: string, end: string): Lock[] {
    const locks: Lock[] = [];
    for (const lock of this.byKey.values()) {
      const { encoded } = lock.key;
      if (encoded >= start && (end === '' || encoded < end)) locks.push(lock);
    }
    return locks;
  }

  /** Every lock, in order of acquisition. */
  all(): IterableIterator<Lock> {
    return this.byKey.values();
  }

  private block(lock: Lock): void {
    const { space } = lock.key;
    let byValue = this.blocking.get(space.id);
    if (byValue === undefined) {
      byValue = new Map();
      this.blocking.set(space.id, byValue);
    }
    const lead = leadOf(lock.key) as Lead;
    const locks = byValue.get(lead);
    if (locks === undefined) byValue.set(lead, [lock]);
    else locks.push(lock);
  }

  private unblock(lock: Lock): void {
    const byValue = this.blocking.get(lock.key.space.id) as Map<Lead, Lock[]>;
    const lead = leadOf(lock.key) as Lead;
    const locks = byValue.get(lead) as Lock[];
    const last = locks.pop() as Lock;
    if (locks.length === 0) byValue.delete(lead);
    else if (last !== lock) locks[locks.indexOf(lock)] = last;
  }
}

/** First value of a key as a Map finds it quickly; large integers may share one. */
type Lead = number | string | null;

function leadOf({ values }: Bound): Lead | undefined {
  const [lead] = values;
  return typeof lead === 'bigint' ? Number(lead) : lead;
}

function blocks(lock: Lock): boolean {
  return lock.type === 'put' || lock.type === 'delete';
}
