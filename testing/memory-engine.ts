import type { Key, Stored } from '../cluster/key.ts';
import type { Modify, MvccReader, WriteCursor } from '../cluster/mvcc/engine.ts';
import type { Lock, WriteRecord, WriteType } from '../cluster/mvcc/records.ts';

/** A write record with the row values of a put. */
export interface StoredWrite extends WriteRecord {
  readonly value: readonly Stored[] | null;
}

/** All a store knows of one key. */
export interface KeyState {
  readonly key: Key;
  lock: Lock | undefined;
  /** Newest first; at most one record at a timestamp. */
  readonly writes: StoredWrite[];
}

/**
 * The plainest store there can be: a map of keys to lists of records. Percolator's tests run on it,
 * and the column engine is compared with it.
 *
 * It is stricter than a store in one way: a cursor that outlived its welcome (see
 * {@link MvccReader.writes}) throws instead of showing another key's records.
 */
export class MemoryEngine implements MvccReader {
  private readonly states = new Map<string, KeyState>();
  private cursor: ListCursor | undefined;

  lock(key: Key): Lock | undefined {
    return this.states.get(key.encoded)?.lock;
  }

  writes(key: Key, maxTs: number): WriteCursor {
    if (this.cursor !== undefined) this.cursor.stale = true;
    const records = this.states.get(key.encoded)?.writes ?? [];
    this.cursor = new ListCursor(records.filter((record) => record.commitTs <= maxTs));
    return this.cursor;
  }

  /** Applies the outcome of one command. */
  apply(modifies: readonly Modify[]): void {
    for (const modify of modifies) this.applyOne(modify);
  }

  /** Every key ever written, in key order. */
  keys(): KeyState[] {
    const states = [...this.states.values()];
    return states.sort((a, b) => (a.key.encoded < b.key.encoded ? -1 : 1));
  }

  private applyOne(modify: Modify): void {
    if (modify.kind === 'put-lock') {
      this.state(modify.lock.key).lock = modify.lock;
    } else if (modify.kind === 'delete-lock') {
      this.state(modify.key).lock = undefined;
    } else if (modify.kind === 'put-write') {
      const { writes } = this.state(modify.key);
      removeAt(writes, modify.write.commitTs);
      writes.push({ ...modify.write, value: modify.value });
      writes.sort((a, b) => b.commitTs - a.commitTs);
    } else {
      removeAt(this.state(modify.key).writes, modify.commitTs);
    }
  }

  private state(key: Key): KeyState {
    let state = this.states.get(key.encoded);
    if (state === undefined) {
      state = { key, lock: undefined, writes: [] };
      this.states.set(key.encoded, state);
    }
    return state;
  }
}

function removeAt(writes: StoredWrite[], commitTs: number): void {
  const at = writes.findIndex((record) => record.commitTs === commitTs);
  if (at >= 0) writes.splice(at, 1);
}

class ListCursor implements WriteCursor {
  stale = false;
  private readonly records: readonly StoredWrite[];
  private at = 0;

  constructor(records: readonly StoredWrite[]) {
    this.records = records;
  }

  get valid(): boolean {
    if (this.stale) throw new Error('a cursor was used after the next call of writes()');
    return this.at < this.records.length;
  }

  get type(): WriteType {
    return this.current().type;
  }

  get startTs(): number {
    return this.current().startTs;
  }

  get commitTs(): number {
    return this.current().commitTs;
  }

  get overlappedRollback(): boolean {
    return this.current().overlappedRollback;
  }

  get protectedRollback(): boolean {
    return this.current().protectedRollback;
  }

  value(): readonly Stored[] {
    const { value } = this.current();
    if (value === null) throw new Error('only a put has a value');
    return value;
  }

  next(): void {
    this.current();
    this.at++;
  }

  private current(): StoredWrite {
    const record = this.valid ? this.records[this.at] : undefined;
    if (record === undefined) throw new Error('the cursor stands on no record');
    return record;
  }
}
