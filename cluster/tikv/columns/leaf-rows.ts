import { appendRows } from '../../append-rows.ts';
import { type Column, FURNISHED_ROWS, newColumn } from '../../column.ts';
import { columnView } from '../../column-view.ts';
import type { Dictionary } from '../../dictionary.ts';
import type { Bound, Key, KeySpace, Sought, Stored } from '../../key.ts';
import { WRITE_DELETE, WRITE_PUT, type WriteRecord } from '../../mvcc/records.ts';
import { compareStored } from './bound.ts';
import { kinshipOf } from './kinship.ts';
import { kindOf, TYPE_BITS } from './record-kind.ts';
import { codeOf, compareAt, soughtOf } from './sought.ts';

/** Records a leaf holds before it splits; a longer chain of one key may exceed it. */
const LEAF_ROWS = FURNISHED_ROWS;

const NO_TIMES = new Float64Array(0);
const NO_KINDS = new Uint8Array(0);
const NO_ROWS = new Int32Array(0);

/** Rows of one transaction's puts, in order of their keys: what a run's leaf is made of. */
export interface SortedPuts {
  /** Key columns, then value columns. */
  readonly columns: readonly Column[];
  readonly rows: number;
  /** The transaction's commit timestamp, for each row. */
  readonly times: Float64Array<ArrayBuffer>;
  /** 0, 1, 2 and so on, for each row. */
  readonly counting: Int32Array<ArrayBuffer>;
}

/** What rows came apart into, so that the next replica whose leaf comes apart so finds them. */
interface Division {
  readonly rows: number;
  readonly at: number;
  readonly parts: readonly [left: LeafRows, right: LeafRows];
}

/** What was left of rows when their garbage had been collected. */
interface Collection {
  readonly rows: number;
  readonly safePoint: number;
  readonly left: LeafRows;
  /** How many these were then. */
  readonly count: number;
}

/**
 * Write records of neighbouring keys, in columns: key values, row values, timestamps, kind. Rows
 * are only ever added, behind all others, and never changed. So the replicas of a region can share
 * them: each keeps to itself how many it has, and where the next record it applies is already
 * there (a replica that was faster has written it), takes it as it stands. `order` lists the rows
 * by key, and within a key newest first:
 *
 * ```
 *   row  key     commitTs  kind  head        order: 2 0 1
 *    0   acc1/7     20     put    0
 *    1   acc1/9     40     put    1
 *    2   acc1/7     31     lock   0   ← newest: a conflict check sees it, a reader skips it
 * ```
 */
export class LeafRows {
  readonly columns: Column[];
  rows = 0;
  startTs = NO_TIMES;
  commitTs = NO_TIMES;
  kinds = NO_KINDS;
  /** Rows in order of their keys, and of one key from the newest to the oldest. */
  order = NO_ROWS;
  /** For each row the first that came of its key. */
  heads = NO_ROWS;
  /** Rows lie in order: `order` is 0, 1, 2 … */
  ordered = true;
  /** Every key has exactly one record and it is a put: then visibility is one comparison. */
  plain = true;
  maxCommitTs = 0;
  /** Records that come beyond so many split a leaf. */
  limit = LEAF_ROWS;
  readonly space: KeySpace;
  readonly dictionary: Dictionary;
  private divisions: Division[] = [];
  private collection: Collection | undefined = undefined;

  constructor(space: KeySpace, dictionary: Dictionary) {
    this.space = space;
    this.dictionary = dictionary;
    const kinds = [...space.keyKinds, ...space.valueKinds];
    this.columns = kinds.map((kind) => newColumn(kind, dictionary, 0));
  }

  /** The puts of one transaction, in order of their keys. */
  static ofPuts(space: KeySpace, dictionary: Dictionary, puts: SortedPuts): LeafRows {
    const made = new LeafRows(space, dictionary);
    for (const [i, column] of puts.columns.entries()) made.columns[i] = column;
    made.rows = puts.rows;
    made.startTs = puts.times;
    made.commitTs = puts.times;
    made.kinds = new Uint8Array(puts.rows).fill(WRITE_PUT);
    made.order = puts.counting;
    made.heads = puts.counting;
    made.maxCommitTs = puts.times[0] as number;
    made.limit = roomy(puts.rows);
    return made;
  }

  /** How `row` compares with a bound. */
  compare(row: number, bound: Bound, sought: Sought): number {
    const { dictionary, columns } = this;
    const { length } = bound.values;
    for (let i = 0; i < length; i++) {
      const order = compareAt(columns[i] as Column, row, bound, sought, i, dictionary);
      if (order !== 0) return order;
    }
    return bound.after ? -1 : 0;
  }

  /** Whether `row` is just this record. */
  holds(row: number, key: Key, write: WriteRecord, value: readonly Stored[] | null): boolean {
    if (this.startTs[row] !== write.startTs || this.commitTs[row] !== write.commitTs) return false;
    if (this.kinds[row] !== kindOf(write)) return false;
    if (this.compare(row, key, soughtOf(key, this.dictionary)) !== 0) return false;
    const width = this.space.keyKinds.length;
    for (let i = width; i < this.columns.length; i++) {
      const wanted = value === null ? null : (value[i - width] as Stored);
      const column = this.columns[i] as Column;
      if (column.vacant ? wanted !== null : compareStored(column.get(row), wanted) !== 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Adds a record, at `position` in the order of keys. `head` is the first row of its key, if it
   * has another.
   */
  append(
    position: number,
    head: number | undefined,
    key: Key,
    write: WriteRecord,
    value: readonly Stored[] | null,
  ): void {
    const row = this.rows;
    if (row === this.order.length) this.grow(row < this.limit ? this.limit : 2 * row);
    this.pushKey(key);
    this.pushValue(value);
    this.startTs[row] = write.startTs;
    this.commitTs[row] = write.commitTs;
    this.kinds[row] = kindOf(write);
    this.heads[row] = head ?? row;
    if (position < row) {
      openGap(this.order, position, row);
      this.ordered = false;
    }
    this.order[position] = row;
    this.note(row, head !== undefined);
    this.rows++;
  }

  /** The rows before and from `at` on, in `order`, which has `rows` of them. */
  divide(order: Int32Array, rows: number, at: number): Division['parts'] {
    const known = this.divisions.find((each) => each.rows === rows && each.at === at);
    if (known !== undefined) return known.parts;
    const left = at === rows ? this : this.part(order, 0, at);
    const parts = [left, this.part(order, at, rows)] as const;
    this.divisions.push({ rows, at, parts });
    kinshipOf(this.dictionary).remember(this);
    return parts;
  }

  /** The first `rows` without those that no reader at or after `safePoint` can need. */
  collect(order: Int32Array, rows: number, safePoint: number): Collection {
    const known = this.collection;
    if (known?.rows === rows && known.safePoint === safePoint) return known;
    const kept = this.needed(order, rows, safePoint);
    const { length: count } = kept;
    if (count === rows) return { rows, safePoint, left: this, count };
    this.collection = { rows, safePoint, left: this.copy(kept), count };
    kinshipOf(this.dictionary).remember(this);
    return this.collection;
  }

  /** Whoever has these rows and comes later has to divide them and collect garbage by itself. */
  forget(): void {
    this.divisions = [];
    this.collection = undefined;
  }

  /** A copy of some rows, listed in order of their keys. */
  copy(listed: Int32Array): LeafRows {
    const count = listed.length;
    const copy = new LeafRows(this.space, this.dictionary);
    if (this.limit > LEAF_ROWS) copy.limit = roomy(count);
    copy.grow(count);
    for (const [i, target] of copy.columns.entries()) {
      const source = this.columns[i] as Column;
      if (source.vacant) target.length = count;
      else appendRows(target, source, listed, 0, count);
    }
    for (let row = 0; row < count; row++) {
      const from = listed[row] as number;
      copy.startTs[row] = this.startTs[from] as number;
      copy.commitTs[row] = this.commitTs[from] as number;
      copy.kinds[row] = this.kinds[from] as number;
      copy.order[row] = row;
      const continues = row > 0 && this.heads[from] === this.heads[listed[row - 1] as number];
      copy.heads[row] = continues ? (copy.heads[row - 1] as number) : row;
      copy.note(row, continues);
    }
    copy.rows = count;
    return copy;
  }

  /** Rows `[from, to)` of the order. Of long runs that lie in order nothing is copied. */
  private part(order: Int32Array, from: number, to: number): LeafRows {
    const rows = to - from;
    if (!this.imported || rows <= LEAF_ROWS) return this.copy(order.subarray(from, to));
    return LeafRows.ofPuts(this.space, this.dictionary, {
      columns: this.columns.map((column) => columnView(column, from, rows)),
      rows,
      times: this.commitTs.subarray(from, to),
      counting: this.order.subarray(0, rows),
    });
  }

  private needed(order: Int32Array, rows: number, safePoint: number): Int32Array {
    const kept = new Int32Array(rows);
    let count = 0;
    let head = -1;
    let settled = false;
    for (let i = 0; i < rows; i++) {
      const row = order[i] as number;
      if (this.heads[row] !== head) settled = false;
      head = this.heads[row] as number;
      const newer = (this.commitTs[row] as number) > safePoint;
      const type = (this.kinds[row] as number) & TYPE_BITS;
      const last = !newer && !settled && type === WRITE_PUT;
      if (!newer && type <= WRITE_DELETE) settled = true;
      if (newer || last) kept[count++] = row;
    }
    return kept.subarray(0, count);
  }

  /** The codes of the key's strings are known: it has been searched for. */
  private pushKey(key: Key): void {
    const { values } = key;
    const sought = soughtOf(key, this.dictionary);
    for (let i = 0; i < values.length; i++) {
      const column = this.columns[i] as Column;
      const value = values[i] as Stored;
      if (column.kind === 'string' && value !== null) column.pushCode(codeOf(sought, i));
      else column.push(value);
    }
  }

  private pushValue(value: readonly Stored[] | null): void {
    const width = this.space.keyKinds.length;
    for (let i = width; i < this.columns.length; i++) {
      (this.columns[i] as Column).push(value === null ? null : (value[i - width] as Stored));
    }
  }

  /** What `plain` and `maxCommitTs` have to know of a new row. */
  private note(row: number, continues: boolean): void {
    if (continues || ((this.kinds[row] as number) & TYPE_BITS) !== WRITE_PUT) this.plain = false;
    const commitTs = this.commitTs[row] as number;
    if (commitTs > this.maxCommitTs) this.maxCommitTs = commitTs;
  }

  /** Nothing has been added to what one transaction has put. */
  private get imported(): boolean {
    return this.rows > 0 && this.startTs === this.commitTs;
  }

  /** Rows are about to be added: the arrays are those of the import, and have no room. */
  private leaveImport(): void {
    const { rows, limit } = this;
    for (const [i, column] of this.columns.entries()) {
      if (column.vacant) continue;
      const own = newColumn(column.kind, this.dictionary, limit);
      appendRows(own, column, undefined, 0, rows);
      this.columns[i] = own;
    }
  }

  private grow(rows: number): void {
    if (this.imported) this.leaveImport();
    const capacity = Math.max(this.limit, rows);
    this.startTs = grown(this.startTs, new Float64Array(capacity));
    this.commitTs = grown(this.commitTs, new Float64Array(capacity));
    this.kinds = grown(this.kinds, new Uint8Array(capacity));
    this.order = grown(this.order, new Int32Array(capacity));
    this.heads = grown(this.heads, new Int32Array(capacity));
  }
}

/** What the leaf of an import holds before it splits: a quarter more than it came with. */
function roomy(rows: number): number {
  return Math.max(LEAF_ROWS, rows + (rows >> 2));
}

/** Up to so many elements are moved one by one: a call out of JavaScript would cost more. */
const FEW = 160;

/** Moves the elements of `[at, end)` up by one. There is room behind them. */
function openGap(array: Int32Array, at: number, end: number): void {
  if (end - at > FEW) array.copyWithin(at + 1, at, end);
  else for (let i = end; i > at; i--) array[i] = array[i - 1] as number;
}

function grown<Typed extends Float64Array | Int32Array | Uint8Array>(
  array: Typed,
  longer: Typed,
): Typed {
  longer.set(array);
  return longer;
}
