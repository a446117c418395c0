/**
 * Reads of a transaction that has changed what it reads. Its changes are known to nobody but this
 * node, so stores can hand over rows only, and what they were to make of them is made here.
 */
import type { Column } from '../../column.ts';
import type { Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { CopProgram } from '../../tikv/cop-program.ts';
import type { Chunk } from '../chunk.ts';
import { RowBuffer, take } from './columns.ts';
import { drain, type Executor, ReadyChunk } from './plan.ts';

/** Runs a program over all rows of an executor at once. */
export class RunLocally implements Executor {
  private readonly input: Executor;
  private readonly program: CopProgram;
  private result: Executor | undefined = undefined;

  constructor(input: Executor, program: CopProgram) {
    this.input = input;
    this.program = program;
  }

  *next(): Wait<Chunk | undefined> {
    this.result ??= yield* this.collect();
    return yield* this.result.next();
  }

  close(): void {
    this.input.close();
  }

  private *collect(): Wait<Executor> {
    const run = this.program.start();
    for (;;) {
      const chunk = yield* this.input.next();
      if (chunk === undefined || !run.process(chunk.columns, chunk.length)) break;
    }
    const { columns, rows } = run.finish();
    return new ReadyChunk({ columns, length: rows });
  }
}

/** Rows in order of their key, which the last columns hold and which is not passed on. */
export class InKeyOrder implements Executor {
  private readonly input: Executor;
  private readonly width: number;
  private readonly descending: boolean;
  private result: Executor | undefined = undefined;

  /** @param width columns that are passed on */
  constructor(input: Executor, width: number, descending: boolean) {
    this.input = input;
    this.width = width;
    this.descending = descending;
  }

  *next(): Wait<Chunk | undefined> {
    this.result ??= new ReadyChunk(this.sorted(yield* drain(this.input)));
    return yield* this.result.next();
  }

  close(): void {
    this.input.close();
  }

  private sorted(chunks: readonly Chunk[]): Chunk | undefined {
    const rows = new RowBuffer();
    for (const chunk of chunks) rows.append(chunk);
    const keys = rows.columns.slice(this.width);
    const sign = this.descending ? -1 : 1;
    const order = Int32Array.from({ length: rows.length }, (_, row) => row);
    order.sort((a, b) => sign * compareKeys(keys, a, b));
    const kept = { columns: rows.columns.slice(0, this.width), length: rows.length };
    return take(kept, order, 0, rows.length);
  }
}

/** The order of encoded keys: NULL first, then by value as it is stored. */
function compareKeys(keys: readonly Column[], a: number, b: number): number {
  for (const key of keys) {
    const sign = compareStored(key.get(a), key.get(b));
    if (sign !== 0) return sign;
  }
  return 0;
}

function compareStored(a: Stored, b: Stored): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}
