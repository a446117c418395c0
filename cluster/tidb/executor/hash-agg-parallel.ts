import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { recoverPanic } from '../memory/panic.ts';
import { HASH_AGG_WORKER } from '../memory/recover-sites.ts';
import type { Frame } from '../memory/stack.ts';
import type { Tracker } from '../memory/tracker.ts';
import { AggPartitions, PARTITIONS } from './agg-partitions.ts';
import { AggSpillAction, type Spilling } from './agg-spill-action.ts';
import { partialTypes } from './aggregate.ts';
import { TABLE_BYTES } from './go-map-bytes.ts';
import type { GroupingSpec } from './grouping.ts';
import { emptyChunkBytes, groupBytes } from './hash-agg-bytes.ts';
import type { HashAggOptions } from './hash-agg-options.ts';
import { HashAggStats } from './hash-agg-stats.ts';
import { FinalWorker, mergingSpec, PartialWorker, type WorkerParts } from './hash-agg-worker.ts';
import { Pages } from './pages.ts';
import type { Executor } from './plan.ts';

/** Below so much virtual time merging is not worth an event. */
const LEAST_WORK_US = 50;

function frame(method: string): Frame {
  return { package: 'executor', method, file: 'aggregate.go', line: undefined };
}

const PARTIAL_PATH = [
  frame('(*HashAggPartialWorker).updatePartialResult'),
  frame('(*HashAggPartialWorker).run'),
];
const FINAL_PATH = [
  frame('(*HashAggFinalWorker).consumeIntermData'),
  frame('(*HashAggFinalWorker).run'),
];

/** How an aggregation is run in parallel. */
export interface ParallelOptions extends HashAggOptions {
  /** How many partial and how many final workers there are. */
  readonly concurrency: number;
}

/**
 * HashAgg as TiDB runs it: chunks go round partial workers, each with a map of its own; when there
 * are no more, every group goes to the final worker that its key's hash names. Nothing is given
 * back before the operator is closed, so that a group costs memory in every partial worker and,
 * until v7, again in its final one.
 *
 * From v8.0 on it can spill: told so at the soft limit, all partial workers write their groups to
 * disk, by partition, and begin anew. If that happened, the rest is written too at the end, and
 * partitions are merged one by one, the last first.
 * Source: TiDB `executor/aggregate.go`, `HashAggExec.parallelExec`.
 */
export class ParallelHashAgg implements Executor, Spilling {
  readonly tracker: Tracker;
  private readonly options: ParallelOptions;
  private readonly parts: WorkerParts;
  private readonly merging: GroupingSpec;
  private readonly action: AggSpillAction | undefined;
  private readonly stats: HashAggStats | undefined;
  private partitions: AggPartitions | undefined = undefined;
  private partials: PartialWorker[] = [];
  private finals: FinalWorker[] = [];
  private pages: Pages | undefined = undefined;
  /** Final workers, or partitions, whose results have been given. */
  private given = 0;
  private state: 'new' | 'aggregating' | 'told to spill' | 'aggregated' = 'new';
  /** What was held before a partition was restored. */
  private heldBefore = 0;

  constructor(options: ParallelOptions) {
    const { id, ctx, spec, kept, concurrency } = options;
    const { memory } = ctx;
    this.options = options;
    this.tracker = memory.newExecutorTracker(id);
    const tables = TABLE_BYTES[memory.profile.name];
    const bytes = groupBytes(spec, kept, tables);
    this.parts = { ctx, tracker: this.tracker, bytes, concurrency };
    this.merging = mergingSpec(spec);
    this.stats = ctx.runtime?.of(id).detail('workers', () => new HashAggStats(concurrency));
    if (!memory.spillAllowed || !tables.parallelSpill) return;
    this.action = new AggSpillAction(memory, this, true);
    memory.addAction(this.action, 'soft');
  }

  get ready(): boolean {
    return this.state === 'aggregating';
  }

  begin(): void {
    this.state = 'told to spill';
  }

  *next(): Wait<Chunk | undefined> {
    if (this.state === 'new') yield* this.aggregate();
    for (;;) {
      const page = this.pages?.next();
      if (page !== undefined) return page;
      const more = this.partitions === undefined ? this.nextWorker() : this.nextPartition();
      const results = yield* this.recovered(more, FINAL_PATH);
      if (results === undefined) return undefined;
      this.pages = new Pages(results, MAX_CHUNK_ROWS);
    }
  }

  close(): void {
    this.options.child.executor.close();
    if (this.action !== undefined) this.action.finished = true;
    const keeps = this.options.ctx.bugs.has('mem.aggKeepsMemory') && this.state !== 'aggregated';
    this.state = 'aggregated';
    this.partials = [];
    this.finals = [];
    this.pages = undefined;
    this.partitions?.close();
    if (!keeps) this.tracker.release(this.tracker.consumed);
  }

  private *aggregate(): Wait<void> {
    this.state = 'aggregating';
    const startUs = this.nowUs;
    yield* this.recovered(this.readChild(), PARTIAL_PATH);
    this.stats?.partial.passed(this.nowUs - startUs);
    this.state = 'aggregated';
    if (this.partitions === undefined) yield* this.recovered(this.shuffle(), FINAL_PATH);
    else yield* this.recovered(this.spill(), PARTIAL_PATH);
  }

  private *readChild(): Wait<void> {
    yield* this.startWorkers();
    const { executor } = this.options.child;
    let turn = 0;
    for (;;) {
      const chunk = yield* executor.next();
      if (chunk === undefined) return;
      const windows = new Pages(chunk, MAX_CHUNK_ROWS);
      for (let window = windows.next(); window !== undefined; window = windows.next()) {
        const worker = this.partials[turn++ % this.partials.length] as PartialWorker;
        const askedUs = this.nowUs;
        yield* worker.add(window);
        this.stats?.partial.worked(1, this.nowUs - askedUs);
        // Another task may have told it so meanwhile.
        if ((this.state as string) === 'told to spill') yield* this.spill();
      }
    }
  }

  private *startWorkers(): Wait<void> {
    const { parts, merging } = this;
    const { spec, concurrency, child } = this.options;
    let bytes = 2 * concurrency * emptyChunkBytes(child.types);
    for (let at = 0; at < concurrency; at++) {
      const partial = new PartialWorker(parts, spec);
      const final = new FinalWorker(parts, merging, false);
      bytes += partial.startsWith + final.startsWith;
      this.partials.push(partial);
      this.finals.push(final);
    }
    yield* this.tracker.consume(bytes);
  }

  private *shuffle(): Wait<void> {
    // What a worker has handed over is still charged, but need not exist any more.
    let number = 0;
    for (let worker = this.partials.shift(); worker !== undefined; ) {
      const startUs = this.nowUs;
      yield* worker.shuffle(this.finals, MAX_CHUNK_ROWS, number++);
      yield* this.work(worker.grouping.count);
      this.mergedFor(this.nowUs - startUs);
      worker = this.partials.shift();
    }
  }

  private *spill(): Wait<void> {
    const { id, ctx, spec } = this.options;
    const types = [...spec.keys.map(({ type }) => type), ...spec.aggregates.flatMap(partialTypes)];
    this.partitions ??= new AggPartitions(types, ctx.memory, ctx.memory.newDiskTracker(id));
    for (const worker of this.partials) yield* worker.spill(this.partitions);
    if (this.state === 'told to spill') this.state = 'aggregating';
  }

  private *nextWorker(): Wait<Chunk | undefined> {
    const worker = this.finals[this.given++];
    return worker === undefined ? undefined : yield* worker.finish();
  }

  private *nextPartition(): Wait<Chunk | undefined> {
    const { partitions, tracker } = this;
    const { bugs } = this.options.ctx;
    if (this.given === 0) this.heldBefore = tracker.consumed;
    else tracker.release(tracker.consumed - this.heldBefore);
    const partition = PARTITIONS - ++this.given;
    const last = bugs.has('mem.aggPartitionLost') ? 1 : 0;
    if (partition < last || partitions === undefined) return undefined;
    const worker = new FinalWorker(this.parts, this.merging, true);
    yield* tracker.consume(worker.startsWith);
    const startUs = this.nowUs;
    for (let chunk = 0; chunk < partitions.chunksOf(partition); chunk++) {
      const groups = yield* partitions.read(partition, chunk);
      if (bugs.has('mem.hashAggSpill.wrongResult')) groups.columns.at(-1)?.set(0, null);
      const pages = new Pages(groups, MAX_CHUNK_ROWS);
      for (let page = pages.next(); page !== undefined; page = pages.next()) {
        yield* worker.merge(page);
      }
      yield* this.work(worker.grouping.count);
    }
    this.mergedFor(this.nowUs - startUs);
    return yield* worker.finish();
  }

  private get nowUs(): number {
    return this.options.ctx.memory.process.world.nowUs;
  }

  /** All final workers had a share of what was merged. */
  private mergedFor(us: number): void {
    const { concurrency } = this.options;
    this.stats?.final.passed(us);
    this.stats?.final.worked(concurrency, us * concurrency);
  }

  /** The time that merging takes, all final workers working at once. */
  private *work(rows: number): Wait<void> {
    const { ctx, concurrency } = this.options;
    const us = Math.round((rows * ctx.costs.executorRowUs) / concurrency);
    if (us >= LEAST_WORK_US) yield* ctx.cpu.run(us);
  }

  /** Runs what a worker runs: a quota's panic ends the statement with an error, not the node. */
  private *recovered<T>(body: Wait<T>, path: readonly Frame[]): Wait<T> {
    try {
      return yield* body;
    } catch (caught) {
      throw recoverPanic(caught, HASH_AGG_WORKER, this.options.ctx.memory, path);
    }
  }
}
