import type { Column } from '../column.ts';

/**
 * A batch of rows in columns; what executors pull from each other. Rows live at `[0, length)` of
 * each column. At most `MAX_CHUNK_ROWS` rows, except where a coprocessor response is passed on
 * whole. Source: TiDB `util/chunk`.
 */
export interface Chunk {
  readonly columns: readonly Column[];
  length: number;
}

/** TiDB's `tidb_max_chunk_size`. */
export const MAX_CHUNK_ROWS = 1024;
