import { createReadStream, createWriteStream, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Op } from '../checker/history.ts';
import { AppendFile } from './append-file.ts';
import { StoreError } from './store-error.ts';

/** A segment is closed and compressed when it has grown to this. Bytes. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Measured: level 3 is a third of the time of level 6 for a tenth more bytes. */
const GZIP_LEVEL = 3;

/**
 * The history on disk: newline-delimited JSON in segments `history-000.ndjson`,
 * `history-001.ndjson`, …; a full segment is replaced by its gzip. Plain lines survive a crash up
 * to the last one, and every tool reads them.
 */
export class HistoryFiles {
  private readonly folder: string;
  private readonly segmentBytes: number;
  private segment: AppendFile;
  private segments = 1;
  private compressing: Promise<void> = Promise.resolve();
  private failure: StoreError | undefined;

  constructor(folder: string, segmentBytes = SEGMENT_BYTES) {
    this.folder = folder;
    this.segmentBytes = segmentBytes;
    this.segment = new AppendFile(this.pathOf(0));
  }

  /** Adds one operation. Throws a `StoreError` when the disk will not take it. */
  append(op: Op): void {
    this.segment.append(`${JSON.stringify(op)}\n`);
    if (this.segment.bytes >= this.segmentBytes) this.rotate();
  }

  /** Gives everything recorded so far to the operating system. */
  flush(): void {
    if (this.failure !== undefined) throw this.failure;
    this.segment.flush();
  }

  /** Writes the rest and waits for the compression of full segments. */
  async close(): Promise<void> {
    this.segment.close();
    await this.compressing;
    if (this.failure !== undefined) throw this.failure;
  }

  /**
   * Reads operations back by their index. For the few that a check points at. Call after `close`.
   */
  async find(indices: readonly number[]): Promise<Op[]> {
    const wanted = new Set(indices);
    const found: Op[] = [];
    if (wanted.size === 0) return found;
    for (let segment = 0; segment < this.segments; segment++) {
      for await (const line of linesOf(this.pathOf(segment))) {
        // An operation's index is the first thing in its line, and its number in the history.
        const index = Number(/^\{"index":(\d+)/.exec(line)?.[1]);
        if (wanted.has(index)) found.push(JSON.parse(line) as Op);
        if (found.length === wanted.size) return found;
      }
    }
    return found;
  }

  private rotate(): void {
    const full = this.segment.path;
    this.segment.close();
    this.segment = new AppendFile(this.pathOf(this.segments++));
    // One at a time, off the main thread; the plain segment goes only when its gzip is whole.
    this.compressing = this.compressing.then(() => this.compress(full));
  }

  private async compress(path: string): Promise<void> {
    try {
      const target = `${path}.gz`;
      const gzip = createGzip({ level: GZIP_LEVEL });
      await pipeline(createReadStream(path), gzip, createWriteStream(target));
      rmSync(path);
    } catch (error) {
      this.failure ??= new StoreError(`${path}.gz`, error);
    }
  }

  private pathOf(segment: number): string {
    return join(this.folder, `history-${String(segment).padStart(3, '0')}.ndjson`);
  }
}

/** The lines of a segment, compressed or not. */
function linesOf(path: string): AsyncIterable<string> {
  const input = existsSync(path)
    ? createReadStream(path)
    : createReadStream(`${path}.gz`).pipe(createGunzip());
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}
