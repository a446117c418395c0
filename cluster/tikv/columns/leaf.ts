import { appendRows } from '../../append-rows.ts';
import { type Column, FURNISHED_ROWS, newColumn } from '../../column.ts';
import type { Dictionary } from '../../dictionary.ts';
import {
  type Bound,
  encodeTuple,
  type Key,
  type KeySpace,
  type Sought,
  type StorageKind,
  type Stored,
} from '../../key.ts';
import { WRITE_DELETE, WRITE_PUT, type WriteRecord } from '../../mvcc/records.ts';
import { openGap } from '../../open-gap.ts';
import { decodeBound } from './bound.ts';
import { CONTINUES, kindOf, OVERLAPPED, PROTECTED, TYPE_BITS } from './record-kind.ts';
import { codeOf, compareAt, soughtOf } from './sought.ts';

/** Records a leaf holds before it splits; a longer chain of one key may exceed it. */
export const LEAF_ROWS = FURNISHED_ROWS;

const NO_TIMES = new Float64Array(0);
const NO_KINDS = new Uint8Array(0);

/** What a leaf of puts is made of. */
export interface SortedPuts {
  /** Key columns, then value columns. */
  readonly columns: readonly Column[];
  readonly rows: number;
  /** The transaction's commit timestamp, for each row and maybe more; never changed. */
  readonly times: Float64Array<ArrayBuffer>;
}

/**
 * Write records of neighbouring keys, in columns: key values, row values, timestamps, kind. Sorted
 * by key, and within a key newest first:
 *
 * ```
 *   key     commitTs  kind
 *   acc1/7     31     lock      ← newest: a conflict check sees it, a reader skips it
 *   acc1/7     20     put         (continues)
 *   acc1/9     40     put
 * ```
 */
export class Leaf {
  readonly space: KeySpace;
  /** Encoding of the least key this leaf may hold, and its values. */
  readonly firstKey: string;
  readonly firstValues: readonly Stored[];
  /** Key columns, then value columns. */
  readonly columns: Column[];
  rows = 0;
  /** Also part of a snapshot: never changed again, but copied by whoever wants to. */
  shared = false;
  startTs = NO_TIMES;
  commitTs = NO_TIMES;
  private kinds = NO_KINDS;
  private readonly dictionary: Dictionary;
  /** Every key has exactly one record and it is a put: then visibility is one comparison. */
  private plain = true;
  private maxCommitTs = 0;

  constructor(space: KeySpace, dictionary: Dictionary, firstKey: string, first: readonly Stored[]) {
    this.space = space;
    this.dictionary = dictionary;
    this.firstKey = firstKey;
    this.firstValues = first;
    const kinds = [...space.keyKinds, ...space.valueKinds];
    this.columns = kinds.map((kind: StorageKind) => newColumn(kind, dictionary, 0));
  }

  /** A leaf of puts by one transaction, in order of their keys; it is shared from the start. */
  static ofPuts(space: KeySpace, dictionary: Dictionary, puts: SortedPuts): Leaf {
    const { columns, rows, times } = puts;
    const width = space.keyKinds.length;
    const first = columns.slice(0, width).map((column) => column.get(0));
    const leaf = new Leaf(space, dictionary, encodeTuple(space, first), first);
    for (const [i, column] of columns.entries()) leaf.columns[i] = column;
    leaf.rows = rows;
    leaf.startTs = times;
    leaf.commitTs = times;
    leaf.kinds = new Uint8Array(rows).fill(WRITE_PUT);
    leaf.maxCommitTs = times[0] as number;
    leaf.shared = true;
    return leaf;
  }

  /** First row that is not before `bound`. */
  lowerBound(bound: Bound): number {
    const sought = soughtOf(bound, this.dictionary);
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.compare(middle, bound, sought) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** True if `row` exists and has exactly this key. */
  hasKey(row: number, key: Key): boolean {
    return row < this.rows && this.compare(row, key, soughtOf(key, this.dictionary)) === 0;
  }

  /** True if `row` is an older record of the key of the row before it. */
  continues(row: number): boolean {
    return row < this.rows && ((this.kinds[row] as number) & CONTINUES) !== 0;
  }

  /** The record at `row`, without its values. */
  type(row: number): 0 | 1 | 2 | 3 {
    return ((this.kinds[row] as number) & TYPE_BITS) as 0 | 1 | 2 | 3;
  }

  /** Flag of a commit record that shares its timestamp with a rollback. */
  overlapped(row: number): boolean {
    return ((this.kinds[row] as number) & OVERLAPPED) !== 0;
  }

  /** Flag of a rollback that must stay. */
  protected(row: number): boolean {
    return ((this.kinds[row] as number) & PROTECTED) !== 0;
  }

  /** Row values at `row`. */
  valuesAt(row: number): Stored[] {
    const values: Stored[] = [];
    for (let i = this.space.keyKinds.length; i < this.columns.length; i++) {
      values.push((this.columns[i] as Column).get(row));
    }
    return values;
  }

  /** Encoding of the key at `row`. */
  keyAt(row: number): string {
    return encodeTuple(this.space, this.keyValuesAt(row));
  }

  private keyValuesAt(row: number): Stored[] {
    return this.space.keyKinds.map((_, i) => (this.columns[i] as Column).get(row));
  }

  /** Puts a record of the key whose chain begins, or would begin, at `chain`. */
  insert(chain: number, key: Key, write: WriteRecord, value: readonly Stored[] | null): void {
    let row = chain;
    const exists = this.hasKey(chain, key);
    if (exists) row = this.placeInChain(chain, write.commitTs);
    if (
      exists &&
      row < this.rows &&
      this.commitTs[row] === write.commitTs &&
      this.inChain(chain, row)
    ) {
      this.overwrite(row, write, value);
      return;
    }
    this.openGap(row);
    this.fillKey(row, key);
    this.fill(row, value);
    this.startTs[row] = write.startTs;
    this.commitTs[row] = write.commitTs;
    this.kinds[row] = kindOf(write) | (row > chain ? CONTINUES : 0);
    if (exists && row === chain) this.kinds[row + 1] = (this.kinds[row + 1] as number) | CONTINUES;
    if (exists || write.type !== WRITE_PUT) this.plain = false;
    if (write.commitTs > this.maxCommitTs) this.maxCommitTs = write.commitTs;
  }

  /** Takes the record at `row` out. */
  remove(row: number): void {
    const keep = new Uint8Array(this.rows).fill(1);
    keep[row] = 0;
    this.compact(keep);
  }

  /**
   * Rows of `[from, to)` visible at `readTs`, into `out`. Returns how many, or -1 if all of them
   * are (then `out` is untouched).
   */
  visible(from: number, to: number, readTs: number, out: Int32Array): number {
    if (this.plain && this.maxCommitTs <= readTs) return -1;
    const { kinds, commitTs } = this;
    let count = 0;
    let settled = false;
    for (let row = from; row < to; row++) {
      const kind = kinds[row] as number;
      if ((kind & CONTINUES) === 0) settled = false;
      if (settled || (commitTs[row] as number) > readTs) continue;
      const type = kind & TYPE_BITS;
      if (type === WRITE_PUT) out[count++] = row;
      settled = type <= WRITE_DELETE;
    }
    return count;
  }

  /** A copy that may be changed. */
  clone(): Leaf {
    const copy = new Leaf(this.space, this.dictionary, this.firstKey, this.firstValues);
    copy.takeRows(this, 0, this.rows);
    return copy;
  }

  /** The part of a leaf within `[start, end)`: itself, none, or a copy of those rows. */
  part(start: string, end: string): Leaf[] {
    const { space } = this;
    const from = this.lowerBound(decodeBound(space, start));
    const to = this.lowerBound(decodeBound(space, end));
    if (to <= from) return [];
    if (to - from === this.rows) return [this];
    const copy = new Leaf(space, this.dictionary, this.keyAt(from), this.keyValuesAt(from));
    copy.takeRows(this, from, to);
    copy.shared = true;
    return [copy];
  }

  /** Moves the rows from `bound` on into a new leaf that begins there. */
  cut(bound: Bound): Leaf {
    const at = this.lowerBound(bound);
    const right = new Leaf(this.space, this.dictionary, bound.encoded, bound.values);
    right.takeRows(this, at, this.rows);
    this.truncate(at);
    return right;
  }

  /** Moves the upper half of the keys into a new leaf; undefined if there is only one key. */
  split(): Leaf | undefined {
    let at = this.rows >> 1;
    while (at < this.rows && this.continues(at)) at++;
    if (at === this.rows) {
      at = this.rows >> 1;
      while (at > 0 && this.continues(at)) at--;
      if (at === 0) return undefined;
    }
    const first = this.keyValuesAt(at);
    const right = new Leaf(this.space, this.dictionary, this.keyAt(at), first);
    right.takeRows(this, at, this.rows);
    this.truncate(at);
    return right;
  }

  /** Whether there is more to it than one put a key. */
  get hasHistory(): boolean {
    return !this.plain;
  }

  /** Drops records that no reader at or after `safePoint` can need. Returns how many went. */
  gc(safePoint: number): number {
    if (this.plain) return 0;
    const keep = new Uint8Array(this.rows);
    let settled = false;
    let kept = 0;
    for (let row = 0; row < this.rows; row++) {
      if (!this.continues(row)) settled = false;
      const newer = (this.commitTs[row] as number) > safePoint;
      const type = this.type(row);
      const last = !newer && !settled && type === WRITE_PUT;
      if (!newer && type <= WRITE_DELETE) settled = true;
      if (newer || last) {
        keep[row] = 1;
        kept++;
      }
    }
    const dropped = this.rows - kept;
    if (dropped > 0) this.compact(keep);
    return dropped;
  }

  private inChain(chain: number, row: number): boolean {
    return row === chain || this.continues(row);
  }

  private placeInChain(chain: number, commitTs: number): number {
    let row = chain;
    while ((this.commitTs[row] as number) > commitTs && this.continues(row + 1)) row++;
    return (this.commitTs[row] as number) > commitTs ? row + 1 : row;
  }

  /** A record of the same timestamp exists: flags merge, or the record is replaced. */
  private overwrite(row: number, write: WriteRecord, value: readonly Stored[] | null): void {
    this.startTs[row] = write.startTs;
    const continues = (this.kinds[row] as number) & CONTINUES;
    this.kinds[row] = kindOf(write) | continues;
    this.fill(row, value);
    if (write.type !== WRITE_PUT) this.plain = false;
  }

  /** The codes of the key's strings are known: it has been searched for. */
  private fillKey(row: number, key: Key): void {
    const { values } = key;
    const sought = soughtOf(key, this.dictionary);
    for (let i = 0; i < values.length; i++) {
      const column = this.columns[i] as Column;
      const value = values[i] as Stored;
      if (column.kind === 'string' && value !== null) column.setCode(row, codeOf(sought, i));
      else column.set(row, value);
    }
  }

  private fill(row: number, value: readonly Stored[] | null): void {
    const width = this.space.keyKinds.length;
    for (let i = width; i < this.columns.length; i++) {
      (this.columns[i] as Column).set(row, value === null ? null : (value[i - width] as Stored));
    }
  }

  private openGap(row: number): void {
    for (const column of this.columns) column.insert(row, null);
    if (this.rows === this.kinds.length) this.grow(2 * this.rows);
    openGap(this.startTs, row, this.rows, 1);
    openGap(this.commitTs, row, this.rows, 1);
    openGap(this.kinds, row, this.rows, 1);
    this.rows++;
  }

  private grow(rows: number): void {
    const capacity = Math.max(LEAF_ROWS, rows);
    const startTs = new Float64Array(capacity);
    startTs.set(this.startTs);
    this.startTs = startTs;
    const commitTs = new Float64Array(capacity);
    commitTs.set(this.commitTs);
    this.commitTs = commitTs;
    const kinds = new Uint8Array(capacity);
    kinds.set(this.kinds);
    this.kinds = kinds;
  }

  private takeRows(from: Leaf, start: number, end: number): void {
    const count = end - start;
    this.grow(count);
    for (const [i, target] of this.columns.entries()) {
      const source = from.columns[i] as Column;
      if (source.vacant) target.length = count;
      else appendRows(target, source, undefined, start, count);
    }
    this.startTs.set(from.startTs.subarray(start, end));
    this.commitTs.set(from.commitTs.subarray(start, end));
    this.kinds.set(from.kinds.subarray(start, end));
    this.rows = count;
    this.refresh();
  }

  private truncate(rows: number): void {
    for (const column of this.columns) column.length = rows;
    this.rows = rows;
    this.refresh();
  }

  private compact(keep: Uint8Array): void {
    for (const column of this.columns) column.compact(keep);
    let out = 0;
    let chainKept = false;
    for (let row = 0; row < this.rows; row++) {
      if (!this.continues(row)) chainKept = false;
      if (keep[row] === 0) continue;
      this.startTs[out] = this.startTs[row] as number;
      this.commitTs[out] = this.commitTs[row] as number;
      const kind = (this.kinds[row] as number) & ~CONTINUES;
      this.kinds[out++] = chainKept ? kind | CONTINUES : kind;
      chainKept = true;
    }
    this.rows = out;
    this.refresh();
  }

  /** Recomputes what `visible` relies on. */
  private refresh(): void {
    this.plain = true;
    this.maxCommitTs = 0;
    for (let row = 0; row < this.rows; row++) {
      if (((this.kinds[row] as number) & (TYPE_BITS | CONTINUES)) !== WRITE_PUT) this.plain = false;
      const commitTs = this.commitTs[row] as number;
      if (commitTs > this.maxCommitTs) this.maxCommitTs = commitTs;
    }
  }

  private compare(row: number, bound: Bound, sought: Sought): number {
    const { dictionary, columns } = this;
    const { length } = bound.values;
    for (let i = 0; i < length; i++) {
      const order = compareAt(columns[i] as Column, row, bound, sought, i, dictionary);
      if (order !== 0) return order;
    }
    return bound.after ? -1 : 0;
  }
}
