import { SqlError } from '../../errors.ts';
import { Gate, type Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { LABEL_CTE } from '../memory/labels.ts';
import { RowContainer } from '../memory/row-container.ts';
import type { Tracker } from '../memory/tracker.ts';
import { take, view } from './columns.ts';
import type { StatementContext } from './context.ts';
import type { RecursiveCte } from './cte.ts';
import { GroupTable } from './group-table.ts';
import { windowOf } from './limit.ts';
import { Pages } from './pages.ts';
import type { Executor } from './plan.ts';
import { measured } from './runtime-stats.ts';
import { chargeWork } from './work.ts';

/**
 * A recursive common table expression being computed: step after step the recursive part is run
 * over the rows that the step before has added, until one adds none. Rows are in containers that
 * can spill. All that read it share it; it is gone when the last of them is closed. Source: TiDB
 * `executor/cte.go`.
 */
export class CteRun {
  private readonly ctx: StatementContext;
  private readonly cte: RecursiveCte;
  private readonly tracker: Tracker;
  private readonly disk: Tracker | undefined;
  private readonly result: RowContainer;
  /** What the last step has added, and what this one adds. */
  private input: RowContainer;
  private output: RowContainer;
  private readonly seen: GroupTable | undefined;
  /** Rows that the LIMIT still asks for, and those it skips. */
  private readonly wanted: { readonly offset: number; readonly end: number };
  private rows = 0;
  private readers = 0;
  private state: 'new' | 'computing' | 'ready' = 'new';
  private failure: unknown = undefined;
  private readonly computed = new Gate();

  private constructor(ctx: StatementContext, cte: RecursiveCte) {
    const { memory } = ctx;
    this.ctx = ctx;
    this.cte = cte;
    this.tracker = memory.newExecutorTracker(cte.id);
    this.disk = memory.spillAllowed ? memory.newDiskTracker(cte.id) : undefined;
    this.result = this.container();
    this.input = this.container();
    this.output = this.container();
    this.seen = cte.distinct ? new GroupTable(cte.types.length) : undefined;
    const { offset, count } =
      cte.window === undefined
        ? { offset: 0, count: Number.MAX_SAFE_INTEGER }
        : windowOf(ctx, cte.window);
    this.wanted = { offset, end: offset + count };
  }

  /** The run of a statement's common table expression, begun when it is first asked for. */
  static of(ctx: StatementContext, cte: RecursiveCte): CteRun {
    const known = ctx.commonTables.get(cte);
    if (known !== undefined) return known;
    const run = new CteRun(ctx, cte);
    ctx.commonTables.set(cte, run);
    return run;
  }

  /** Reads all rows. */
  reader(): Executor {
    this.readers++;
    const reader = new CteReader(this);
    // What the first one reads is what EXPLAIN ANALYZE says of the table itself.
    return this.readers === 1 ? measured(reader, this.cte.id, this.ctx) : reader;
  }

  /** Reads what the last step has added. */
  stepReader(): Executor {
    return new ContainerReader(this.input);
  }

  /** A chunk of the result; undefined is the end. */
  *chunk(at: number): Wait<Chunk | undefined> {
    yield* this.ready();
    return at < this.result.numChunks ? yield* this.result.getChunk(at) : undefined;
  }

  /** One reader less. */
  release(): void {
    this.readers--;
    if (this.readers > 0) return;
    this.ctx.commonTables.delete(this.cte);
    for (const rows of [this.result, this.input, this.output]) rows.close();
    this.tracker.release(this.tracker.consumed);
  }

  private *ready(): Wait<void> {
    if (this.state === 'new') {
      this.state = 'computing';
      try {
        yield* this.compute();
      } catch (error) {
        this.failure = error;
      } finally {
        this.state = 'ready';
        this.computed.open();
      }
    }
    while (this.state === 'computing') yield* this.computed.wait(this.ctx.memory.process);
    if (this.failure !== undefined) throw this.failure;
  }

  private *compute(): Wait<void> {
    yield* this.runInto(this.cte.seed.open(this.ctx), this.input);
    for (let step = 1; this.input.numChunks > 0 && this.rows < this.wanted.end; step++) {
      this.checkDepth(step);
      yield* this.runInto(this.cte.recursive.open(this.ctx), this.output);
      [this.input, this.output] = [this.output, this.input];
      yield* this.output.reset();
    }
  }

  private checkDepth(step: number): void {
    const { value } = this.ctx.session.systemVariable('cte_max_recursion_depth', false);
    if (step <= Number(value)) return;
    throw new SqlError(
      3636,
      `Recursive query aborted after ${step} iterations. Try increasing @@cte_max_recursion_depth to a larger value`,
    );
  }

  /** What a part gives is the next step's input and, as far as it is wanted, the result. */
  private *runInto(executor: Executor, output: RowContainer): Wait<void> {
    try {
      for (;;) {
        const chunk = yield* executor.next();
        yield* chargeWork(this.ctx, 1 + (chunk?.length ?? 0));
        if (chunk === undefined) return;
        yield* this.add(this.unseen(chunk), output);
        if (this.rows >= this.wanted.end) return;
      }
    } finally {
      executor.close();
    }
  }

  private *add(chunk: Chunk, output: RowContainer): Wait<void> {
    const pages = new Pages(chunk, MAX_CHUNK_ROWS);
    for (let page = pages.next(); page !== undefined; page = pages.next()) {
      yield* output.add(page, MAX_CHUNK_ROWS);
      const from = Math.min(page.length, Math.max(0, this.wanted.offset - this.rows));
      const to = Math.min(page.length, Math.max(0, this.wanted.end - this.rows));
      this.rows += page.length;
      if (to > from) yield* this.result.add(view(page, from, to - from), MAX_CHUNK_ROWS);
    }
  }

  /** Under UNION, the rows that were not there before. */
  private unseen(chunk: Chunk): Chunk {
    const { seen } = this;
    if (seen === undefined) return chunk;
    const fresh = new Int32Array(chunk.length);
    const groups = new Int32Array(chunk.length);
    const count = seen.assign(chunk.columns, chunk.length, groups, fresh);
    return count === chunk.length ? chunk : take(chunk, fresh, 0, count);
  }

  private container(): RowContainer {
    const { memory } = this.ctx;
    const rows = new RowContainer(this.cte.types, memory);
    rows.tracker.label = LABEL_CTE;
    rows.tracker.attachTo(this.tracker);
    if (this.disk !== undefined) {
      rows.diskTracker.attachTo(this.disk);
      memory.addAction(rows.action(), 'hard');
    }
    return rows;
  }
}

class CteReader implements Executor {
  private readonly run: CteRun;
  private at = 0;
  private open = true;

  constructor(run: CteRun) {
    this.run = run;
  }

  *next(): Wait<Chunk | undefined> {
    return yield* this.run.chunk(this.at++);
  }

  close(): void {
    if (this.open) this.run.release();
    this.open = false;
  }
}

class ContainerReader implements Executor {
  private readonly rows: RowContainer;
  private at = 0;

  constructor(rows: RowContainer) {
    this.rows = rows;
  }

  *next(): Wait<Chunk | undefined> {
    if (this.at >= this.rows.numChunks) return undefined;
    return yield* this.rows.getChunk(this.at++);
  }

  close(): void {
    this.at = this.rows.numChunks;
  }
}
