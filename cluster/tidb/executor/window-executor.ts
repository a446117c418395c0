import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { columnFor, computeColumn, KeyWords, RowBuffer, view } from './columns.ts';
import type { StatementContext } from './context.ts';
import { newWindowState } from './new-window-state.ts';
import { Pages } from './pages.ts';
import type { Executor } from './plan.ts';
import { toStored } from './value.ts';
import type { WindowSpec } from './window.ts';
import { FrameCursor } from './window-frame.ts';
import type { WindowFunction } from './window-function.ts';
import { WindowPartition } from './window-partition.ts';
import type { WindowState } from './window-state.ts';

/**
 * Goes through partitions row by row: a row is done as soon as the end of its frame is known, which
 * for ROW_NUMBER is at once and for most other functions when the partition has been read. Nothing
 * is charged for the rows that wait, because TiDB does not either. Source: TiDB
 * `executor/pipelined_window.go`.
 */
export class WindowExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly spec: WindowSpec;
  private readonly input: PartitionedInput;
  private current: PartitionPass | undefined = undefined;
  private done = new RowBuffer();
  private pages: Pages | undefined = undefined;
  private ended = false;

  constructor(ctx: StatementContext, child: Executor, spec: WindowSpec) {
    this.ctx = ctx;
    this.child = child;
    this.spec = spec;
    this.input = new PartitionedInput(ctx, child, spec);
  }

  *next(): Wait<Chunk | undefined> {
    for (;;) {
      const page = this.pages?.next();
      if (page !== undefined) return page;
      if (this.ended) return undefined;
      yield* this.read();
      if (this.ended || this.done.length >= MAX_CHUNK_ROWS) this.giveOut();
    }
  }

  close(): void {
    this.ended = true;
    this.pages = undefined;
    this.child.close();
  }

  /** Reads some more rows, and does what can be done. */
  private *read(): Wait<void> {
    const run = yield* this.input.next();
    if (run === undefined || run.begins) {
      this.current?.end(this.done);
      this.current = undefined;
    }
    if (run === undefined) {
      this.ended = true;
      return;
    }
    this.current ??= new PartitionPass(this.ctx, this.spec);
    this.current.add(run.rows, this.done);
  }

  private giveOut(): void {
    this.pages = new Pages(this.done, MAX_CHUNK_ROWS);
    this.done = new RowBuffer();
  }
}

/** Rows of one partition that stand side by side. */
interface PartitionRun {
  readonly rows: Chunk;
  /** They are the first of a partition. */
  readonly begins: boolean;
}

/** Cuts chunks where a partition ends. */
class PartitionedInput {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly spec: WindowSpec;
  private readonly words: readonly KeyWords[];
  /** Words of the keys of the row before; undefined before the first. */
  private last: number[] | undefined = undefined;
  private chunk: Chunk = { columns: [], length: 0 };
  private keys: readonly Float64Array[] = [];
  private at = 0;

  constructor(ctx: StatementContext, child: Executor, spec: WindowSpec) {
    this.ctx = ctx;
    this.child = child;
    this.spec = spec;
    this.words = spec.partitionBy.map(() => new KeyWords());
  }

  *next(): Wait<PartitionRun | undefined> {
    if (this.at >= this.chunk.length) {
      const chunk = yield* this.child.next();
      if (chunk === undefined) return undefined;
      this.take(chunk);
    }
    const begins = !this.continues(this.at);
    const start = this.at++;
    this.last = this.keys.map((words) => words[start] as number);
    while (this.at < this.chunk.length && this.continues(this.at)) this.at++;
    return { rows: view(this.chunk, start, this.at - start), begins };
  }

  private take(chunk: Chunk): void {
    this.chunk = chunk;
    this.at = 0;
    this.keys = this.spec.partitionBy.map((key, i) => {
      const column = computeColumn(this.ctx, key, chunk);
      return (this.words[i] as KeyWords).of(column, chunk.length);
    });
  }

  private continues(row: number): boolean {
    const { last } = this;
    return last !== undefined && this.keys.every((words, i) => words[row] === last[i]);
  }
}

/** One partition being gone through. */
class PartitionPass {
  private readonly ctx: StatementContext;
  private readonly spec: WindowSpec;
  private readonly partition: WindowPartition;
  private readonly frame: FrameCursor;
  private readonly states: readonly WindowState[];
  /** The row that comes next. */
  private row = 0;

  constructor(ctx: StatementContext, spec: WindowSpec) {
    this.ctx = ctx;
    this.spec = spec;
    this.partition = new WindowPartition(ctx, spec.orderBy);
    this.frame = new FrameCursor(this.partition, spec.frame, spec.name);
    this.states = spec.functions.map((each) => newWindowState(each, this.partition));
  }

  /** More rows of the partition. */
  add(rows: Chunk, done: RowBuffer): void {
    this.partition.rows.append(rows);
    this.advance(done);
  }

  /** There are no more. */
  end(done: RowBuffer): void {
    this.partition.whole = true;
    this.advance(done);
  }

  private advance(done: RowBuffer): void {
    const { partition, frame, states, spec } = this;
    const first = this.row;
    const results = spec.functions.map(({ type }) => columnFor(type, this.ctx));
    for (; this.row < partition.length && frame.moveTo(this.row); this.row++) {
      for (let i = 0; i < states.length; i++) {
        const value = (states[i] as WindowState).valueAt(this.row, frame.start, frame.end);
        (results[i] as Column).push(toStored(value, (spec.functions[i] as WindowFunction).type));
      }
    }
    const count = this.row - first;
    if (count === 0) return;
    const { columns } = view(partition.rows, first, count);
    done.append({ columns: [...columns, ...results], length: count });
  }
}
