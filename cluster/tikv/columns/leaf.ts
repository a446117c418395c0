import type { Column } from '../../column.ts';
import { type Bound, encodeTuple, type Key, type Stored } from '../../key.ts';
import { WRITE_DELETE, WRITE_PUT, type WriteRecord } from '../../mvcc/records.ts';
import { decodeBound } from './bound.ts';
import type { LeafRows } from './leaf-rows.ts';
import { OVERLAPPED, PROTECTED, TYPE_BITS } from './record-kind.ts';
import { soughtOf } from './sought.ts';

/**
 * A leaf of one replica's tree: so many of the rows that it shares with other replicas. Positions
 * count its records by key, and within a key from the newest to the oldest.
 */
export class Leaf {
  /** Encoding of the least key this leaf may hold, and its values. */
  readonly firstKey: string;
  readonly firstValues: readonly Stored[];
  /** How many of the rows this replica has; others may have got further. */
  rows: number;
  private shared: LeafRows;
  /** The order of this replica's rows, while it lags behind another. */
  private laggingOrder: Int32Array | undefined = undefined;

  constructor(firstKey: string, firstValues: readonly Stored[], shared: LeafRows, rows: number) {
    this.firstKey = firstKey;
    this.firstValues = firstValues;
    this.shared = shared;
    this.rows = rows;
  }

  /** Key columns, then value columns; what they hold beyond the leaf's rows is not its own. */
  get columns(): readonly Column[] {
    return this.shared.columns;
  }

  /** Positions are rows. */
  get ordered(): boolean {
    return this.shared.ordered;
  }

  /** The rows by position. */
  get order(): Int32Array {
    const { shared, rows } = this;
    if (rows === shared.rows || shared.ordered) return shared.order;
    if (this.laggingOrder?.length !== rows) {
      const { order } = shared;
      const lagging = new Int32Array(rows);
      let count = 0;
      for (let i = 0; count < rows; i++) {
        const row = order[i] as number;
        if (row < rows) lagging[count++] = row;
      }
      this.laggingOrder = lagging;
    }
    return this.laggingOrder;
  }

  /** First position that is not before `bound`. */
  lowerBound(bound: Bound): number {
    const { shared, order } = this;
    const sought = soughtOf(bound, shared.dictionary);
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (shared.compare(order[middle] as number, bound, sought) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** True if there is a record at `position` and it has exactly this key. */
  hasKey(position: number, key: Key): boolean {
    if (position >= this.rows) return false;
    const { shared, order } = this;
    return shared.compare(order[position] as number, key, soughtOf(key, shared.dictionary)) === 0;
  }

  /** True if the record at `position` is an older one of the key of the one before it. */
  continues(position: number): boolean {
    if (position === 0 || position >= this.rows) return false;
    const { heads } = this.shared;
    const { order } = this;
    return heads[order[position] as number] === heads[order[position - 1] as number];
  }

  /** The record at `position`, without its values. */
  type(position: number): 0 | 1 | 2 | 3 {
    return (this.kind(position) & TYPE_BITS) as 0 | 1 | 2 | 3;
  }

  /** Start timestamp of the transaction that wrote the record at `position`. */
  startTs(position: number): number {
    return this.shared.startTs[this.order[position] as number] as number;
  }

  /** Its commit timestamp. */
  commitTs(position: number): number {
    return this.shared.commitTs[this.order[position] as number] as number;
  }

  /** Flag of a commit record that shares its timestamp with a rollback. */
  overlapped(position: number): boolean {
    return (this.kind(position) & OVERLAPPED) !== 0;
  }

  /** Flag of a rollback that must stay. */
  protected(position: number): boolean {
    return (this.kind(position) & PROTECTED) !== 0;
  }

  /** Row values at `position`. */
  valuesAt(position: number): Stored[] {
    return this.read(position, this.shared.space.keyKinds.length, this.columns.length);
  }

  /** Encoding of the key at `position`. */
  keyAt(position: number): string {
    const { space } = this.shared;
    return encodeTuple(space, this.read(position, 0, space.keyKinds.length));
  }

  /**
   * Takes a record over from another replica, where this is what that has written next; otherwise
   * false.
   */
  follow(key: Key, write: WriteRecord, value: readonly Stored[] | null): boolean {
    const { shared, rows } = this;
    if (rows === shared.rows || !shared.holds(rows, key, write, value)) return false;
    this.rows++;
    return true;
  }

  /** Puts a record of the key whose chain begins, or would begin, at `chain`. */
  insert(chain: number, key: Key, write: WriteRecord, value: readonly Stored[] | null): void {
    let position = chain;
    const exists = this.hasKey(chain, key);
    if (exists) {
      position = this.placeInChain(chain, write.commitTs);
      const inChain = position === chain || this.continues(position);
      if (inChain && position < this.rows && this.commitTs(position) === write.commitTs) {
        this.replace(position, key, write, value);
        return;
      }
    }
    if (this.rows < this.shared.rows) this.become(this.shared.copy(this.ownOrder()), this.rows);
    const { shared } = this;
    const head = exists ? shared.heads[shared.order[chain] as number] : undefined;
    shared.append(position, head, key, write, value);
    this.rows++;
  }

  /** Takes the record at `position` out. */
  remove(position: number): void {
    const others = this.ownOrder().filter((_, at) => at !== position);
    this.become(this.shared.copy(others), others.length);
  }

  /**
   * Positions within `[from, to)` that are visible at `readTs`, into `out`. Returns how many, or -1
   * if all of them are and positions are rows (then `out` is untouched).
   */
  visible(from: number, to: number, readTs: number, out: Int32Array): number {
    const { plain, maxCommitTs, ordered, kinds, commitTs, heads } = this.shared;
    if (plain && ordered && maxCommitTs <= readTs) return -1;
    const { order } = this;
    let count = 0;
    let head = -1;
    let settled = false;
    for (let position = from; position < to; position++) {
      const row = order[position] as number;
      if (heads[row] !== head) settled = false;
      head = heads[row] as number;
      if (settled || (commitTs[row] as number) > readTs) continue;
      const type = (kinds[row] as number) & TYPE_BITS;
      if (type === WRITE_PUT) out[count++] = position;
      settled = type <= WRITE_DELETE;
    }
    return count;
  }

  /** The same leaf for another replica, or for a snapshot. */
  share(): Leaf {
    return new Leaf(this.firstKey, this.firstValues, this.shared, this.rows);
  }

  /** A leaf that begins with a key behind all there are here. */
  next({ encoded, values }: Key): Leaf {
    return this.share().cutAt(this.rows, encoded, values);
  }

  /** The part of a leaf within `[start, end)`; none, if it is empty. */
  part(start: string, end: string): Leaf[] {
    const { space } = this.shared;
    const from = this.lowerBound(decodeBound(space, start));
    const to = this.lowerBound(decodeBound(space, end));
    if (to <= from) return [];
    const part = this.share();
    if (to < this.rows) part.cutBefore(to);
    return [from === 0 ? part : part.cutBefore(from)];
  }

  /** Moves what is from `bound` on into a new leaf that begins there. */
  cut(bound: Bound): Leaf {
    return this.cutAt(this.lowerBound(bound), bound.encoded, bound.values);
  }

  /** No more is to be put here before it is split. */
  get full(): boolean {
    return this.rows >= this.shared.limit;
  }

  /** Moves the upper half of the keys into a new leaf; undefined if there is only one key. */
  split(): Leaf | undefined {
    const middle = this.rows >> 1;
    const at = this.keyFrom(middle) ?? this.keyUpTo(middle);
    return at === undefined ? undefined : this.cutBefore(at);
  }

  /** Drops records that no reader at or after `safePoint` can need. Returns how many went. */
  gc(safePoint: number): number {
    if (this.shared.plain) return 0;
    const { rows } = this;
    const collected = this.shared.collect(this.order, rows, safePoint);
    this.become(collected.left, collected.count);
    return rows - this.rows;
  }

  private kind(position: number): number {
    return this.shared.kinds[this.order[position] as number] as number;
  }

  private read(position: number, from: number, to: number): Stored[] {
    const row = this.order[position] as number;
    const values: Stored[] = [];
    for (let i = from; i < to; i++) values.push((this.columns[i] as Column).get(row));
    return values;
  }

  /** A record of the same timestamp exists: flags merge, or the record is another. */
  private replace(
    position: number,
    key: Key,
    write: WriteRecord,
    value: readonly Stored[] | null,
  ): void {
    if (this.shared.holds(this.order[position] as number, key, write, value)) return;
    this.remove(position);
    this.insert(this.lowerBound(key), key, write, value);
  }

  private placeInChain(chain: number, commitTs: number): number {
    let position = chain;
    while (this.commitTs(position) > commitTs && this.continues(position + 1)) position++;
    return this.commitTs(position) > commitTs ? position + 1 : position;
  }

  /** Where the first key begins that does so at `position` or later, but not at the end. */
  private keyFrom(position: number): number | undefined {
    let at = position;
    while (this.continues(at)) at++;
    return at < this.rows ? at : undefined;
  }

  /** Where the last key begins that does so at `position` or before, but not at the start. */
  private keyUpTo(position: number): number | undefined {
    let at = Math.min(position, this.rows - 1);
    while (this.continues(at)) at--;
    return at > 0 ? at : undefined;
  }

  /** Moves what is from the key at `position` on into a new leaf. */
  private cutBefore(position: number): Leaf {
    const { space } = this.shared;
    const first = this.read(position, 0, space.keyKinds.length);
    return this.cutAt(position, encodeTuple(space, first), first);
  }

  private cutAt(position: number, firstKey: string, firstValues: readonly Stored[]): Leaf {
    const { rows } = this;
    const [left, right] = this.shared.divide(this.order, rows, position);
    this.become(left, position);
    return new Leaf(firstKey, firstValues, right, rows - position);
  }

  private ownOrder(): Int32Array {
    return this.order.subarray(0, this.rows);
  }

  private become(shared: LeafRows, rows: number): void {
    this.shared = shared;
    this.rows = rows;
    this.laggingOrder = undefined;
  }
}
