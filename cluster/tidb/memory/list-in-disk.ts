import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import { RowBuffer } from '../executor/columns.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { rowBytes } from './chunk-bytes.ts';
import { LABEL_LIST_IN_DISK } from './labels.ts';
import type { FileSource, TmpFile } from './tmp-storage.ts';
import { Tracker } from './tracker.ts';

/**
 * Chunks of rows in a temporary file: eight bytes of size for each cell, then the cells. The file
 * is made by the first write and removed by `close`. Source: TiDB `util/chunk/disk.go`.
 */
export class ListInDisk {
  /** Bytes on disk; attached under an operator's disk tracker by whoever owns the list. */
  readonly tracker = new Tracker(LABEL_LIST_IN_DISK);
  private readonly types: readonly SqlType[];
  private readonly storage: FileSource;
  private file: TmpFile | undefined = undefined;
  private readonly chunks: Chunk[] = [];
  private rows = 0;

  constructor(types: readonly SqlType[], storage: FileSource) {
    this.types = types;
    this.storage = storage;
  }

  /** How many chunks there are. */
  get numChunks(): number {
    return this.chunks.length;
  }

  /** How many rows there are. */
  get numRows(): number {
    return this.rows;
  }

  /** Writes a chunk, which is the list's from now on. Throws what exceeding a disk quota throws. */
  *add(chunk: Chunk): Wait<void> {
    this.file ??= this.storage.create(`chunk.ListInDisk${LABEL_LIST_IN_DISK}`);
    const bytes = rowBytes(chunk, this.types);
    this.chunks.push(chunk);
    this.rows += chunk.length;
    yield* this.storage.append(this.file, bytes);
    // Closed while it was written: nothing is left that could be charged.
    if (this.file !== undefined) yield* this.tracker.consume(bytes);
  }

  /** Reads a chunk back. */
  *getChunk(at: number): Wait<Chunk> {
    const chunk = this.chunks[at];
    if (chunk === undefined) throw new Error(`there is no chunk ${at} on disk`);
    yield* this.storage.transfer(rowBytes(chunk, this.types));
    return chunk;
  }

  /** Reads rows back, each by its chunk and its place in that. */
  *getRows(chunks: Int32Array, rows: Int32Array): Wait<Chunk> {
    const found = new RowBuffer();
    for (let from = 0, to = 0; from < rows.length; from = to) {
      while (to < rows.length && chunks[to] === chunks[from]) to++;
      const chunk = this.chunks[chunks[from] as number];
      if (chunk === undefined) throw new Error(`there is no chunk ${chunks[from]} on disk`);
      found.append(chunk, rows.subarray(from, to), to - from);
    }
    yield* this.storage.transfer(rowBytes(found, this.types));
    return found;
  }

  /** Removes the file and gives back what was charged. */
  close(): void {
    if (this.file !== undefined) this.storage.remove(this.file);
    this.file = undefined;
    this.chunks.length = 0;
    this.rows = 0;
    this.tracker.release(this.tracker.consumed);
  }
}
