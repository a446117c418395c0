import type { Key } from '../key.ts';
import type { Modify, MvccReader, WriteCursor } from '../mvcc/engine.ts';
import type { Lock } from '../mvcc/records.ts';
import type { Engine } from './columns/engine.ts';
import { LockTable } from './columns/lock-table.ts';
import type { RegionInfo } from './request.ts';

/** Locks that a peer keeps in memory; TiKV allows 512 KiB of them. */
const MAX_LOCKS = 8192;

/**
 * Pessimistic locks that only the leader knows. They cost no entry of the log, and are lost with
 * the leader: then a prewrite that finds its lock gone looks whether the key has changed meanwhile
 * (the amend rule of `mvcc/prewrite.ts`), so what is lost is the right to be waited for, not the
 * safety of the commit. Before leadership is handed over, and before a merge, they are written to
 * the log after all. Source: TiKV `raftstore/store/txn_ext.rs`, `PeerPessimisticLocks`.
 */
export class InMemoryLocks implements MvccReader {
  /** False while they are being written to the log, or have been: new locks go there as well. */
  open = true;
  private locks = new LockTable();
  /** Keys of locks that an entry on its way will replace or remove. */
  private readonly leaving = new Set<string>();
  private readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  get size(): number {
    return this.locks.size;
  }

  lock(key: Key): Lock | undefined {
    if (this.locks.size === 0) return this.engine.lock(key);
    return this.locks.get(key) ?? this.engine.lock(key);
  }

  writes(key: Key, maxTs: number): WriteCursor {
    return this.engine.writes(key, maxTs);
  }

  /**
   * Makes changes to locks that need no log: new pessimistic locks, and the end or a longer life of
   * those that are here. Returns the locks that went away, or undefined if the changes must be
   * proposed.
   */
  take(modifies: readonly Modify[]): readonly Lock[] | undefined {
    if (!this.open || this.locks.size >= MAX_LOCKS) return undefined;
    for (const modify of modifies) if (!this.isOurs(modify)) return undefined;
    const released: Lock[] = [];
    for (const modify of modifies) {
      if (modify.kind === 'put-lock') this.locks.put(modify.lock);
      else if (modify.kind === 'delete-lock') {
        const lock = this.locks.delete(modify.key);
        if (lock !== undefined) released.push(lock);
      }
    }
    return released;
  }

  /** Changes are on their way through the log: what they touch is not to be written there again. */
  proposed(modifies: readonly Modify[]): void {
    if (this.locks.size === 0) return;
    for (const modify of modifies) {
      const key = lockKey(modify);
      if (key !== undefined && this.locks.get(key) !== undefined) this.leaving.add(key.encoded);
    }
  }

  /** They will never be applied: the locks stay. */
  refused(modifies: readonly Modify[]): void {
    for (const modify of modifies) {
      const key = lockKey(modify);
      if (key !== undefined) this.leaving.delete(key.encoded);
    }
  }

  /** They have been applied: the store knows better now. Adds locks that went away. */
  applied(modifies: readonly Modify[], released: Lock[]): void {
    if (this.locks.size === 0) return;
    for (const modify of modifies) {
      const key = lockKey(modify);
      if (key === undefined) continue;
      const lock = this.locks.delete(key);
      if (lock === undefined) continue;
      if (modify.kind === 'delete-lock') released.push(lock);
      this.leaving.delete(key.encoded);
    }
  }

  /** What is to be written to the log before someone else leads. */
  toPropose(): Modify[] {
    const modifies: Modify[] = [];
    for (const lock of this.locks.inRange('', '')) {
      if (!this.leaving.has(lock.key.encoded)) modifies.push({ kind: 'put-lock', lock });
    }
    return modifies;
  }

  /** Locks with keys in `[start, end)`; `end` '' is no bound. */
  inRange(start: string, end: string): Lock[] {
    return this.locks.inRange(start, end);
  }

  /** Gives the locks of a region that a split has made to its peer here. */
  handOver(region: RegionInfo, to: InMemoryLocks): void {
    for (const lock of this.inRange(region.startKey, region.endKey)) {
      const { encoded } = lock.key;
      this.locks.delete(lock.key);
      to.locks.put(lock);
      if (this.leaving.delete(encoded)) to.leaving.add(encoded);
    }
  }

  /** The peer leads no more. */
  clear(): void {
    this.locks = new LockTable();
    this.leaving.clear();
    this.open = true;
  }

  private isOurs(modify: Modify): boolean {
    if (modify.kind === 'put-lock') {
      if (modify.lock.type !== 'pessimistic') return false;
      return this.engine.lock(modify.lock.key) === undefined;
    }
    if (modify.kind !== 'delete-lock') return false;
    return this.locks.get(modify.key) !== undefined && !this.leaving.has(modify.key.encoded);
  }
}

function lockKey(modify: Modify): Key | undefined {
  if (modify.kind === 'put-lock') return modify.lock.key;
  return modify.kind === 'delete-lock' ? modify.key : undefined;
}
