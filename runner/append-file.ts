import { closeSync, openSync, writeSync } from 'node:fs';
import { StoreError } from './store-error.ts';

/** Text held back before it is written: large enough to be cheap, small enough to lose little. */
const CHUNK_CHARS = 64 * 1024;

/**
 * A file that only grows, written synchronously: when a call returns and `flush` was called, the
 * text is with the operating system, so a crash of the process loses nothing of it. Failures are
 * `StoreError`s that name the file.
 */
export class AppendFile {
  readonly path: string;
  /** Bytes written so far, without what is held back. */
  bytes = 0;
  private readonly descriptor: number;
  private held = '';

  constructor(path: string) {
    this.path = path;
    this.descriptor = StoreError.guard(path, () => openSync(path, 'a'));
  }

  /** Adds text; it is written when enough has come together, or at `flush`. */
  append(text: string): void {
    this.held += text;
    if (this.held.length >= CHUNK_CHARS) this.flush();
  }

  /** Writes what is held back. */
  flush(): void {
    if (this.held === '') return;
    const chunk = new Uint8Array(Buffer.from(this.held));
    this.held = '';
    StoreError.guard(this.path, () => {
      for (let done = 0; done < chunk.length; ) {
        done += writeSync(this.descriptor, chunk, done);
      }
    });
    this.bytes += chunk.length;
  }

  /** Writes the rest and closes the file. */
  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }
}
