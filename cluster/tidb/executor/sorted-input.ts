import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { NotNull } from './coerce.ts';
import { computeColumn } from './columns.ts';
import { type Compare, orderOf } from './compare.ts';
import type { Compiled, StatementContext } from './context.ts';
import type { Executor } from './plan.ts';
import { readValue, type Value } from './value.ts';

/** Rows of one key that stand side by side in a chunk. */
export interface KeyRun {
  readonly chunk: Chunk;
  readonly rows: Int32Array;
}

/** An input of a merge join: rows in order of their keys, taken a run of equal keys at a time. */
export class SortedInput {
  private readonly orders: readonly Compare[];
  private readonly ctx: StatementContext;
  private readonly executor: Executor;
  private readonly keys: readonly Compiled[];
  private chunk: Chunk = { columns: [], length: 0 };
  private columns: readonly Column[] = [];
  private row = 0;

  constructor(ctx: StatementContext, executor: Executor, keys: readonly Compiled[]) {
    this.ctx = ctx;
    this.executor = executor;
    this.keys = keys;
    this.orders = keys.map(({ type }) => orderOf(type.kind));
  }

  /** Whether there is another row; it is the current one then. */
  *ready(): Wait<boolean> {
    while (this.row >= this.chunk.length) {
      const chunk = yield* this.executor.next();
      if (chunk === undefined) return false;
      this.chunk = chunk;
      this.columns = this.keys.map((key) => computeColumn(this.ctx, key, chunk));
      this.row = 0;
    }
    return true;
  }

  /** The keys of a row, the current one by default. */
  keysAt(row = this.row): Value[] {
    return this.columns.map((column, i) => readValue(column, row, (this.keys[i] as Compiled).type));
  }

  /** Whether the current row's key equals nothing, because a part of it is NULL. */
  hasNull(): boolean {
    return this.keysAt().includes(null);
  }

  /** The current row and those after it in its chunk that have its key; they are done with. */
  takeRun(): KeyRun {
    const { chunk, row: start } = this;
    const key = this.keysAt();
    let end = start + 1;
    while (end < chunk.length && this.order(this.keysAt(end), key) === 0) end++;
    this.row = end;
    return { chunk, rows: Int32Array.from({ length: end - start }, (_, i) => start + i) };
  }

  /** The order of two keys; NULL is before everything and like itself. */
  order(a: readonly Value[], b: readonly Value[]): number {
    for (let i = 0; i < a.length; i++) {
      const x = a[i] as Value;
      const y = b[i] as Value;
      if (x === null || y === null) {
        if (x !== y) return x === null ? -1 : 1;
        continue;
      }
      const sign = (this.orders[i] as Compare)(x as NotNull, y as NotNull);
      if (sign !== 0) return sign;
    }
    return 0;
  }

  close(): void {
    this.executor.close();
  }
}
