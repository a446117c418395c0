import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import type { Tracker } from '../memory/tracker.ts';
import { TABLE_BYTES } from './go-map-bytes.ts';
import { emptyChunkBytes, groupBytes } from './hash-agg-bytes.ts';
import type { HashAggOptions } from './hash-agg-options.ts';
import { FinalWorker, mergingSpec, PartialWorker, type WorkerParts } from './hash-agg-worker.ts';
import { Pages } from './pages.ts';
import type { Executor } from './plan.ts';

/** Below so much virtual time merging is not worth an event. */
const LEAST_WORK_US = 50;

/**
 * HashAgg as TiDB runs it: chunks go round partial workers, each with a map of its own; when there
 * are no more, every group goes to the final worker that its key's hash names. Nothing is given
 * back before the operator is closed, so that a group costs memory in every partial worker and
 * again in its final one. Source: TiDB `executor/aggregate.go`, `HashAggExec.parallelExec`.
 */
export class ParallelHashAgg implements Executor {
  private readonly options: HashAggOptions & { readonly concurrency: number };
  private readonly tracker: Tracker;
  private readonly parts: WorkerParts;
  private partials: PartialWorker[] = [];
  private finals: FinalWorker[] = [];
  private pages: Pages | undefined = undefined;
  private emitted = 0;
  private prepared = false;

  constructor(options: HashAggOptions & { readonly concurrency: number }) {
    const { id, ctx, spec, kept, concurrency } = options;
    this.options = options;
    this.tracker = ctx.memory.newExecutorTracker(id);
    const bytes = groupBytes(spec, kept, TABLE_BYTES[ctx.memory.profile.name]);
    this.parts = { ctx, tracker: this.tracker, bytes, concurrency };
  }

  *next(): Wait<Chunk | undefined> {
    if (!this.prepared) {
      yield* this.aggregate();
      this.prepared = true;
    }
    for (;;) {
      const page = this.pages?.next();
      if (page !== undefined) return page;
      const worker = this.finals[this.emitted++];
      if (worker === undefined) return undefined;
      this.pages = new Pages(yield* worker.finish(), MAX_CHUNK_ROWS);
    }
  }

  close(): void {
    this.options.child.executor.close();
    this.partials = [];
    this.finals = [];
    this.tracker.release(this.tracker.consumed);
  }

  private *aggregate(): Wait<void> {
    yield* this.startWorkers();
    const { executor } = this.options.child;
    let turn = 0;
    for (;;) {
      const chunk = yield* executor.next();
      if (chunk === undefined) break;
      const windows = new Pages(chunk, MAX_CHUNK_ROWS);
      for (let window = windows.next(); window !== undefined; window = windows.next()) {
        const worker = this.partials[turn++ % this.partials.length] as PartialWorker;
        yield* worker.add(window);
      }
    }
    // What a worker has handed over is still charged, but need not exist any more.
    for (let worker = this.partials.shift(); worker !== undefined; ) {
      yield* worker.shuffle(this.finals, MAX_CHUNK_ROWS);
      yield* this.work(worker.grouping.count);
      worker = this.partials.shift();
    }
  }

  private *startWorkers(): Wait<void> {
    const { parts } = this;
    const { spec, concurrency } = this.options;
    const merging = mergingSpec(spec);
    const chunkSize = emptyChunkBytes(this.options.child.types);
    let bytes = 2 * concurrency * chunkSize;
    for (let at = 0; at < concurrency; at++) {
      const partial = new PartialWorker(parts, spec);
      const final = new FinalWorker(parts, merging, false);
      bytes += partial.startsWith + final.startsWith;
      this.partials.push(partial);
      this.finals.push(final);
    }
    yield* this.tracker.consume(bytes);
  }

  /** The time that merging takes, all final workers working at once. */
  private *work(rows: number): Wait<void> {
    const { ctx, concurrency } = this.options;
    const us = Math.round((rows * ctx.costs.executorRowUs) / concurrency);
    if (us >= LEAST_WORK_US) yield* ctx.cpu.run(us);
  }
}
