import type { Chunk } from '../chunk.ts';
import { view } from './columns.ts';

/** Cuts rows into chunks of at most `rows` rows, which share their arrays. */
export class Pages {
  private chunk: Chunk | undefined;
  private readonly rows: number;
  private at = 0;

  constructor(chunk: Chunk, rows: number) {
    this.chunk = chunk;
    this.rows = rows;
  }

  /** The next chunk, never an empty one; undefined is the end. */
  next(): Chunk | undefined {
    const { chunk, at, rows } = this;
    if (chunk === undefined || at >= chunk.length) {
      this.chunk = undefined;
      return undefined;
    }
    this.at = at + rows;
    if (at === 0 && chunk.length <= rows) return chunk;
    return view(chunk, at, Math.min(rows, chunk.length - at));
  }
}
