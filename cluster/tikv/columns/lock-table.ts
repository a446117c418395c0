import type { Bound, Key } from '../../key.ts';
import type { Lock } from '../../mvcc/records.ts';
import { KeyMap } from '../key-map.ts';

/**
 * The lock column family of one store, and locks that are in memory only. Where a scan has been,
 * locks that can block a reader (those that will become a put or a delete) are also kept by first
 * key value, because that is what most scans fix: the entries of one account. Most spaces of most
 * stores are never scanned: those of indexes, and of regions that are led elsewhere.
 */
export class LockTable {
  private readonly byKey = new KeyMap<Lock>();
  /** By the id of a space that has been scanned. */
  private readonly blocking = new Map<number, Map<Lead, Lock[]>>();

  /** How many locks there are. */
  get size(): number {
    return this.byKey.size;
  }

  /** The lock on a key. */
  get(key: Key): Lock | undefined {
    return this.byKey.get(key);
  }

  /** Writes a lock over whatever stood there. */
  put(lock: Lock): void {
    const old = this.byKey.set(lock.key, lock);
    const byLead = this.blocking.get(lock.key.space.id);
    if (byLead === undefined) return;
    if (old !== undefined && blocks(old)) unblock(byLead, old);
    if (blocks(lock)) block(byLead, lock);
  }

  /** Removes a key's lock and returns it. */
  delete(key: Key): Lock | undefined {
    const lock = this.byKey.delete(key);
    if (lock === undefined || !blocks(lock)) return lock;
    const byLead = this.blocking.get(key.space.id);
    if (byLead !== undefined) unblock(byLead, lock);
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
    if (this.byKey.size === 0) return undefined;
    const byLead = this.blocking.get(space) ?? this.index(space);
    if (byLead.size === 0) return undefined;
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
    if (lead !== undefined && lead === leadOf(end)) look(byLead.get(lead));
    else for (const locks of byLead.values()) look(locks);
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

  private index(space: number): Map<Lead, Lock[]> {
    const byLead = new Map<Lead, Lock[]>();
    this.blocking.set(space, byLead);
    for (const lock of this.byKey.values()) {
      if (lock.key.space.id === space && blocks(lock)) block(byLead, lock);
    }
    return byLead;
  }
}

function block(byLead: Map<Lead, Lock[]>, lock: Lock): void {
  const lead = leadOf(lock.key) as Lead;
  const locks = byLead.get(lead);
  if (locks === undefined) byLead.set(lead, [lock]);
  else locks.push(lock);
}

function unblock(byLead: Map<Lead, Lock[]>, lock: Lock): void {
  const lead = leadOf(lock.key) as Lead;
  const locks = byLead.get(lead) as Lock[];
  const last = locks.pop() as Lock;
  if (locks.length === 0) byLead.delete(lead);
  else if (last !== lock) locks[locks.indexOf(lock)] = last;
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
