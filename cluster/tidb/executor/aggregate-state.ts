import type { Column } from '../../column.ts';
import { IntColumn } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import type { StatementContext } from './context.ts';

/** To which groups the rows of a chunk belong. */
export interface GroupedRows {
  /** The group of each row. */
  readonly groups: Int32Array;
  /** Groups there are now, those included that these rows opened. */
  readonly count: number;
  /** The rows that opened a group, in order of their groups, which are the last ones. */
  readonly fresh: Int32Array;
  /** How many did. */
  readonly opened: number;
  /** Rows of a group stand side by side: one begins at each of `fresh`, and ends with the next. */
  readonly sorted: boolean;
}

/** Rows in order of their groups. Where each belongs is written down only for those who ask. */
export class SortedRows implements GroupedRows {
  readonly sorted = true;
  readonly fresh: Int32Array;
  readonly opened: number;
  readonly count: number;
  private readonly length: number;
  private written: Int32Array | undefined = undefined;

  /**
   * @param length rows of the chunk
   * @param before groups there were; rows in front of the first that opened one are of the last
   */
  constructor(length: number, fresh: Int32Array, opened: number, before: number) {
    this.length = length;
    this.fresh = fresh;
    this.opened = opened;
    this.count = before + opened;
  }

  get groups(): Int32Array {
    this.written ??= this.write();
    return this.written;
  }

  private write(): Int32Array {
    const { length, fresh, opened, count } = this;
    const groups = new Int32Array(length);
    const before = count - opened;
    for (let at = 0; at < opened; at++) {
      groups.fill(before + at, fresh[at], at + 1 < opened ? fresh[at + 1] : length);
    }
    groups.fill(before - 1, 0, opened === 0 ? length : fresh[0]);
    return groups;
  }
}

/**
 * The running state of one aggregate function over all groups: columns with a row for each group,
 * wherever possible, so that no object exists for a group. A partial result is a row of
 * such columns; that is how it goes over the network, from worker to worker, and to disk.
 */
export interface AggregateState {
  /** Bytes that values of variable length have cost so far. */
  readonly valueBytes: number;
  /** Takes in rows. */
  update(ctx: StatementContext, chunk: Chunk, rows: GroupedRows): void;
  /** Takes in partial results, which lie in the columns that the aggregate's arguments name. */
  merge(ctx: StatementContext, chunk: Chunk, rows: GroupedRows): void;
  /** Partial results of groups `[0, count)`; the columns may be the state's own. */
  partials(ctx: StatementContext, count: number): Column[];
  /** Results of groups `[0, count)`, be it of no rows; the column may be the state's own. */
  results(ctx: StatementContext, count: number): Column;
}

/** Lengthens an array of doubles for `count` groups. */
export function grown(
  array: Float64Array<ArrayBuffer>,
  count: number,
  fill: number,
): Float64Array<ArrayBuffer> {
  if (count <= array.length) return array;
  const next = new Float64Array(Math.max(64, count, array.length * 2));
  if (fill !== 0) next.fill(fill, array.length);
  next.set(array);
  return next;
}

/** Lengthens a state's column to `count` groups; new ones are NULL. */
export function lengthen(column: Column, count: number): void {
  if (column.length >= count) return;
  column.reserve(count);
  const { length } = column;
  column.length = count;
  if (column.kind === 'string') column.codes.fill(-1, length, count);
  else if (column.kind === 'int' && column.bigs !== undefined) column.nulls?.fill(1, length, count);
  else column.floats.fill(Number.NaN, length, count);
}

/** Counts by group as a column. */
export function countColumn(counts: Float64Array, count: number): IntColumn {
  const column = new IntColumn(0);
  column.vacant = false;
  column.floats = counts.length >= count ? counts : grown(new Float64Array(counts), count, 0);
  column.length = count;
  return column;
}
