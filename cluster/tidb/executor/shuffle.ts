import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { computeColumn, KeyWords, mixWord, take } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { type Executor, type ExplainNode, Plan } from './plan.ts';

/** Who works on shuffled rows, and what decides which worker gets a row. */
export interface ShuffleSpec {
  /** What every worker runs, its receiver at the bottom. */
  readonly tail: Plan;
  readonly receiver: ShuffleReceiver;
  /** Rows alike in these go to the same worker. */
  readonly keys: readonly Compiled[];
  readonly concurrency: number;
}

/**
 * Runs an operator several times side by side, each time over a part of the rows. What the workers
 * give comes out in turns; all of them have read their rows before the first comes, as those that
 * sort do. Source: TiDB `executor/shuffle.go`.
 */
export class Shuffle extends Plan {
  readonly name = 'Shuffle';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  private readonly spec: ShuffleSpec;

  constructor(spec: ShuffleSpec) {
    super();
    this.spec = spec;
    this.inputs = [spec.tail];
    this.types = spec.tail.types;
    this.estimate = spec.tail.estimate;
  }

  override explain(): ExplainNode {
    const { concurrency, receiver } = this.spec;
    const { name, id } = receiver.source;
    const info = `execution info: concurrency:${concurrency}, data sources:[${name}_${id}]`;
    return { ...super.explain(), info };
  }

  protected start(ctx: StatementContext): Executor {
    return new ShuffleExecutor(ctx, this.spec);
  }
}

/** Where a worker of a Shuffle gets its rows from. */
export class ShuffleReceiver extends Plan {
  readonly name = 'ShuffleReceiver';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  /** What is shuffled. */
  readonly source: Plan;

  constructor(source: Plan) {
    super();
    this.source = source;
    this.inputs = [source];
    this.types = source.types;
    this.estimate = source.estimate;
  }

  protected start(ctx: StatementContext): Executor {
    const share = ctx.shares.get(this);
    if (share === undefined) throw new Error('a receiver without its shuffle');
    return share;
  }
}

class ShuffleExecutor implements Executor {
  private readonly workers: readonly Executor[];
  private readonly splitter: Splitter;
  /** Chunks that are ready, one a worker at most. */
  private ready: Chunk[] | undefined = undefined;
  private turn = 0;
  private live: Executor[];

  constructor(ctx: StatementContext, spec: ShuffleSpec) {
    const { tail, receiver, concurrency } = spec;
    this.splitter = new Splitter(ctx, spec);
    this.workers = Array.from({ length: concurrency }, (_, at) => {
      ctx.shares.set(receiver, new Share(this.splitter, at));
      return tail.open(ctx);
    });
    ctx.shares.delete(receiver);
    this.live = [...this.workers];
  }

  *next(): Wait<Chunk | undefined> {
    this.ready ??= yield* this.firstOfEach();
    const waiting = this.ready.shift();
    if (waiting !== undefined) return waiting;
    while (this.live.length > 0) {
      this.turn %= this.live.length;
      const chunk = yield* (this.live[this.turn] as Executor).next();
      if (chunk === undefined) {
        this.live.splice(this.turn, 1);
        continue;
      }
      this.turn++;
      return chunk;
    }
    return undefined;
  }

  close(): void {
    for (const worker of this.workers) worker.close();
    this.splitter.close();
  }

  private *firstOfEach(): Wait<Chunk[]> {
    const chunks: Chunk[] = [];
    const live: Executor[] = [];
    for (const worker of this.workers) {
      const chunk = yield* worker.next();
      if (chunk === undefined) continue;
      chunks.push(chunk);
      live.push(worker);
    }
    this.live = live;
    return chunks;
  }
}

/** Deals the rows of the source out to the workers. */
class Splitter {
  private readonly ctx: StatementContext;
  private readonly source: Executor;
  private readonly keys: readonly Compiled[];
  private readonly words: readonly KeyWords[];
  private readonly queues: Chunk[][];
  private ended = false;

  constructor(ctx: StatementContext, { receiver, keys, concurrency }: ShuffleSpec) {
    this.ctx = ctx;
    this.source = receiver.source.open(ctx);
    this.keys = keys;
    this.words = keys.map(() => new KeyWords());
    this.queues = Array.from({ length: concurrency }, () => []);
  }

  /** The next rows of a worker. */
  *next(worker: number): Wait<Chunk | undefined> {
    const queue = this.queues[worker] as Chunk[];
    while (queue.length === 0 && !this.ended) {
      const chunk = yield* this.source.next();
      if (chunk === undefined) this.ended = true;
      else this.deal(chunk);
    }
    return queue.shift();
  }

  close(): void {
    this.ended = true;
    this.source.close();
  }

  private deal(chunk: Chunk): void {
    const { length } = chunk;
    const words = this.keys.map((key, i) =>
      (this.words[i] as KeyWords).of(computeColumn(this.ctx, key, chunk), length),
    );
    const rows = this.queues.map(() => new Int32Array(length));
    const counts = this.queues.map(() => 0);
    for (let row = 0; row < length; row++) {
      const hash = words.reduce((mixed, column) => mixWord(mixed, column[row] as number), 0);
      const worker = (hash >>> 0) % this.queues.length;
      (rows[worker] as Int32Array)[counts[worker] as number] = row;
      counts[worker] = (counts[worker] as number) + 1;
    }
    for (const [worker, queue] of this.queues.entries()) {
      const count = counts[worker] as number;
      if (count > 0) queue.push(take(chunk, rows[worker] as Int32Array, 0, count));
    }
  }
}

/** A worker's part of the rows. */
class Share implements Executor {
  private readonly splitter: Splitter;
  private readonly worker: number;

  constructor(splitter: Splitter, worker: number) {
    this.splitter = splitter;
    this.worker = worker;
  }

  *next(): Wait<Chunk | undefined> {
    return yield* this.splitter.next(this.worker);
  }

  close(): void {
    // The source ends with the shuffle.
  }
}
