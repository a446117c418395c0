import type { Bugs } from '../bugs.ts';
import type { Bound, Key, KeySpace } from '../key.ts';
import { blocksRead, type Lock, MAX_TS } from '../mvcc/index.ts';
import { LockTable } from './columns/lock-table.ts';

/**
 * What lets a store calculate commit timestamps: how far it has been read, and which keys are being
 * locked at calculated timestamps right now.
 *
 * A calculated commit timestamp must lie above every read of the key so far, and every later read
 * must see the lock. The lock is in the store only after it has been replicated; so it is shown
 * here from the moment of the calculation, and a read first moves `maxTs` and then looks for locks.
 * In whichever order the two come, one notices the other.
 *
 * Everything here is lost at a kill, and knows nothing of reads served by an earlier leader: see
 * `max-ts-sync.ts`. Source: TiKV `components/concurrency_manager`.
 */
export class ConcurrencyManager {
  private readonly memory = new LockTable();
  private readonly bugs: Bugs;
  private newestTs = 0;

  constructor(bugs: Bugs) {
    this.bugs = bugs;
  }

  /** The greatest timestamp this store has been read at, or told of by PD. */
  get maxTs(): number {
    return this.newestTs;
  }

  /** Locks shown at present. */
  get size(): number {
    return this.memory.size;
  }

  /** Nothing at or below `ts` may be calculated any more (`update_max_ts`). */
  advance(ts: number): void {
    if (ts > this.newestTs && ts !== MAX_TS) this.newestTs = ts;
  }

  /** Notes a read at `ts`. Must be called before any lock is looked for. */
  willRead(ts: number): void {
    if (!this.bugs.has('txn.maxTsIgnoresReads')) this.advance(ts);
  }

  /** Shows locks that are on their way into the store. Their keys are latched. */
  publish(locks: readonly Lock[]): void {
    for (let i = 0; i < locks.length; i++) this.memory.put(locks[i] as Lock);
  }

  /** They are in the store, or never will be. */
  withdraw(locks: readonly Lock[]): void {
    for (let i = 0; i < locks.length; i++) this.memory.delete((locks[i] as Lock).key);
  }

  /** The lock on `key` that a read must stop at, if any. */
  blocking(key: Key, readTs: number, bypass: readonly number[]): Lock | undefined {
    const lock = this.memory.get(key);
    return lock !== undefined && blocksRead(lock, readTs, bypass) ? lock : undefined;
  }

  /** Every lock with a key in `[start, end)`; `end` '' is no bound. */
  inRange(start: string, end: string): readonly Lock[] {
    return this.memory.inRange(start, end);
  }

  /** The first lock in a range of one space that a read must stop at. */
  firstBlocking(
    space: KeySpace,
    start: Bound,
    end: Bound,
    readTs: number,
    bypass: readonly number[],
  ): Lock | undefined {
    if (this.memory.size === 0 || this.bugs.has('txn.memLockInvisible')) return undefined;
    return this.memory.firstBlocking(space.id, start, end, readTs, bypass);
  }
}
