import { appendRows } from '../../append-rows.ts';
import { type Column, newColumn } from '../../column.ts';
import { hasNull } from '../../column-nulls.ts';
import { columnView } from '../../column-view.ts';
import type { Dictionary } from '../../dictionary.ts';
import { encodeTuple, type KeySpace, type StorageKind } from '../../key.ts';
import { Leaf } from './leaf.ts';
import { LeafRows } from './leaf-rows.ts';
import { rowOrder } from './row-order.ts';

/** Rows of a run's leaves: long, for they are read more often than written. */
const RUN_LEAF_ROWS = 4096;

/**
 * Records of one key space in order of their keys, each a put of one transaction: what TiKV calls
 * an SST file to be ingested. Its rows are shared by all stores that ingest it, as hard links to
 * one file are.
 */
export interface SortedRun {
  readonly space: KeySpace;
  /** At least one, none of them empty. */
  readonly leaves: readonly Leaf[];
  readonly rows: number;
}

/**
 * Sorts rows by their keys, and gives them as leaves. What neighbouring leaves hold lies side by
 * side in memory, so that a scan can lend many of them as one.
 *
 * @param columns the key's values, then those stored under it; of any order, keys all different
 */
export function sortIntoLeaves(
  space: KeySpace,
  dictionary: Dictionary,
  columns: readonly Column[],
  rows: number,
  commitTs: number,
): Leaf[] {
  const order = rowOrder(columns.slice(0, space.keyKinds.length), rows);
  const kinds = [...space.keyKinds, ...space.valueKinds];
  // An index may have a column of the table's key among its own: it is kept once.
  const gathered = new Map<Column, Column>();
  const sorted = columns.map((column, i) => {
    const kept = gathered.get(column) ?? gather(column, kinds[i] as StorageKind, dictionary, order);
    gathered.set(column, kept);
    return kept;
  });
  const times = new Float64Array(RUN_LEAF_ROWS).fill(commitTs);
  const counting = Int32Array.from(times, (_, row) => row);
  const leaves: Leaf[] = [];
  for (let from = 0; from < rows; from += RUN_LEAF_ROWS) {
    const count = Math.min(RUN_LEAF_ROWS, rows - from);
    const part = sorted.map((column) => columnView(column, from, count));
    const puts = LeafRows.ofPuts(space, dictionary, {
      columns: part,
      rows: count,
      times: times.subarray(0, count),
      counting: counting.subarray(0, count),
    });
    const first = part.slice(0, space.keyKinds.length).map((column) => column.get(0));
    leaves.push(new Leaf(encodeTuple(space, first), first, puts, count));
  }
  return leaves;
}

/** A run's leaves from the key `start` on and before `end`, cut where a border lies within one. */
export function runWithin(
  space: KeySpace,
  leaves: readonly Leaf[],
  start: string,
  end: string,
): SortedRun | undefined {
  const inside = leaves.flatMap((leaf) => leaf.part(start, end));
  const rows = inside.reduce((sum, leaf) => sum + leaf.rows, 0);
  return rows === 0 ? undefined : { space, leaves: inside, rows };
}

function gather(
  column: Column,
  kind: StorageKind,
  dictionary: Dictionary,
  rows: Int32Array,
): Column {
  const taken = newColumn(kind, dictionary, column.vacant ? 0 : rows.length);
  if (column.vacant) taken.length = rows.length;
  else appendRows(taken, column, rows, 0, rows.length);
  taken.nullFree = !hasNull(taken, rows.length);
  return taken;
}
