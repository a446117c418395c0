import { appendRows } from '../append-rows.ts';
import { type Column, newColumn } from '../column.ts';
import { adjoins, columnView, lengthenView } from '../column-view.ts';
import type { Dictionary } from '../dictionary.ts';
import type { KeySpace, StorageKind } from '../key.ts';
import type { Leaf } from './columns/leaf.ts';

/** Leaves with fewer rows are copied sooner than lent. */
const LONG_LEAF = 1024;

/**
 * The rows that a scan has come by, column by column. They are copied out of the leaves, with one
 * exception: rows of long leaves, which nobody will ever change, are lent. The leaves of an import
 * lie side by side in memory, so that a whole page of them is one run, and costs as much as a few
 * rows.
 */
export class GatheredRows {
  rows = 0;
  /** Own columns, or views of leaves while everything is lent. */
  columns: Column[] = [];
  private lent = false;
  private readonly positions: readonly number[];
  private readonly kinds: readonly StorageKind[];
  private readonly dictionary: Dictionary;

  /** @param positions of the wanted columns, among key values followed by stored values */
  constructor(space: KeySpace, positions: readonly number[], dictionary: Dictionary) {
    const { keyKinds, valueKinds } = space;
    this.positions = positions;
    this.kinds = positions.map(
      (at) => (keyKinds[at] ?? valueKinds[at - keyKinds.length]) as StorageKind,
    );
    this.dictionary = dictionary;
  }

  /** Whether another row has to be copied behind others. */
  get copies(): boolean {
    return this.columns.length > 0 && !this.lent;
  }

  /**
   * Takes rows of a leaf in: those listed in `selected[0..count)`, or the run `[from, from+count)`
   * where that is undefined.
   */
  append(leaf: Leaf, selected: Int32Array | undefined, from: number, count: number): void {
    if (count === 0 && this.columns.length > 0) return;
    if (selected !== undefined || !this.lend(leaf, from, count)) {
      if (this.columns.length === 0) this.open(count);
      else if (this.lent) this.copyLent(count);
      for (let i = 0; i < this.columns.length; i++) {
        appendRows(this.columns[i] as Column, this.of(leaf, i), selected, from, count);
      }
    }
    this.rows += count;
  }

  /** Makes empty columns with room for some rows, where there are none. */
  open(rows: number): void {
    this.columns = this.kinds.map((kind) => newColumn(kind, this.dictionary, Math.max(1, rows)));
  }

  /** Makes room for `rows` rows in all. */
  reserve(rows: number): void {
    for (const column of this.columns) column.reserve(rows);
  }

  /** Forgets the rows; columns of its own are used again. */
  clear(): void {
    this.rows = 0;
    if (this.lent) {
      this.lent = false;
      this.columns = [];
    }
    for (const [i, column] of this.columns.entries()) {
      column.length = 0;
      // A column that has been widened stays so: the next rows may be narrow again.
      if (column.kind === 'int' && column.bigs !== undefined) {
        this.columns[i] = newColumn('int', this.dictionary, LONG_LEAF);
      }
    }
  }

  private of(leaf: Leaf, i: number): Column {
    return leaf.columns[this.positions[i] as number] as Column;
  }

  /** Lends rows, if they are long enough a run and no others came that are not lent. */
  private lend(leaf: Leaf, from: number, count: number): boolean {
    if (this.positions.length === 0) return false;
    if (!this.lent) {
      if (this.rows > 0 || leaf.rows < LONG_LEAF) return false;
      if (this.positions.some((_, i) => this.of(leaf, i).vacant)) return false;
      this.columns = this.positions.map((_, i) => columnView(this.of(leaf, i), from, count));
      this.lent = true;
      return true;
    }
    for (let i = 0; i < this.columns.length; i++) {
      if (!adjoins(this.columns[i] as Column, this.of(leaf, i), from)) return false;
    }
    for (const [i, column] of this.columns.entries()) {
      column.nullFree &&= this.of(leaf, i).nullFree;
      lengthenView(column, count);
    }
    return true;
  }

  /** Other rows come behind those that are lent. */
  private copyLent(more: number): void {
    const { columns } = this;
    this.lent = false;
    this.open(this.rows + more);
    for (let i = 0; i < columns.length; i++) {
      appendRows(this.columns[i] as Column, columns[i] as Column, undefined, 0, this.rows);
    }
  }
}
