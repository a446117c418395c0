import { Gate, type Wait } from '../../sim/index.ts';
import type { CopRequest, KeyRange } from '../../tikv/request.ts';
import type { Chunk } from '../chunk.ts';
import type { ReplicaRead, ScanCursor, ScanSpec } from '../transaction.ts';
import { type Backoffer, BUDGET_MS } from './backoff.ts';
import type { TxnClient } from './client.ts';
import type { CachedRegion } from './region-cache.ts';

/** `tidb_distsql_scan_concurrency`: coprocessor tasks under way at once. */
const CONCURRENCY = 15;

/** The part of a scan that one region answers. */
interface CopTask {
  readonly region: CachedRegion;
  readonly ranges: readonly KeyRange[];
}

/**
 * The coprocessor client of one scan: one task a region, several at a time, answers passed on as
 * they come or in key order. A task whose region has changed is split anew; one that met a lock is
 * sent again once the lock is resolved. Columns are handed on, rows never touched. Source: TiDB
 * `store/copr` (`copIterator`).
 */
export class CopScan implements ScanCursor {
  private readonly client: TxnClient;
  private readonly spec: ScanSpec;
  private readonly replica: ReplicaRead;
  private tasks: readonly CopTask[] | undefined = undefined;
  private nextTask = 0;
  /** Answers by task, and the task whose answers the consumer takes next. */
  private answers: (Chunk[] | undefined)[] = [];
  private nextAnswer = 0;
  private readonly ready: Chunk[] = [];
  private running = 0;
  private failure: { readonly error: unknown } | undefined = undefined;
  private readonly arrived = new Gate();
  private closed = false;

  constructor(client: TxnClient, spec: ScanSpec, replica: ReplicaRead) {
    this.client = client;
    this.spec = spec;
    this.replica = replica;
  }

  *next(): Wait<Chunk | undefined> {
    if (this.tasks === undefined) yield* this.open();
    for (;;) {
      if (this.failure !== undefined) throw this.failure.error;
      this.collect();
      const chunk = this.ready.shift();
      if (chunk !== undefined) return chunk;
      if (this.running === 0) return undefined;
      yield* this.arrived.wait(this.client.process);
    }
  }

  close(): void {
    this.closed = true;
  }

  private *open(): Wait<void> {
    const tasks = yield* this.split(this.spec.ranges);
    if (this.spec.descending) tasks.reverse();
    this.tasks = tasks;
    this.answers = new Array(tasks.length).fill(undefined);
    const [only] = tasks;
    if (only !== undefined && tasks.length === 1) {
      this.answers[0] = yield* this.run(only, this.client.backoff(BUDGET_MS.read));
      return;
    }
    const { process } = this.client;
    this.running = Math.min(CONCURRENCY, tasks.length);
    for (let i = this.running; i > 0; i--) {
      process.spawn(this.work(tasks), (error) => {
        this.running--;
        if (error !== undefined) this.failure ??= { error };
        this.arrived.open();
      });
    }
  }

  /** A worker takes one task after the other. */
  private *work(tasks: readonly CopTask[]): Wait<void> {
    while (this.nextTask < tasks.length && !this.closed && this.failure === undefined) {
      const index = this.nextTask++;
      const backoff = this.client.backoff(BUDGET_MS.read);
      this.answers[index] = yield* this.run(tasks[index] as CopTask, backoff);
      this.arrived.open();
    }
  }

  /** Moves answers that may be consumed now to `ready`. */
  private collect(): void {
    const { answers } = this;
    if (this.spec.keepOrder) {
      while (answers[this.nextAnswer] !== undefined) {
        this.ready.push(...(answers[this.nextAnswer] as Chunk[]));
        answers[this.nextAnswer++] = undefined;
      }
      return;
    }
    for (let i = 0; i < answers.length; i++) {
      const answer = answers[i];
      if (answer === undefined) continue;
      this.ready.push(...answer);
      answers[i] = undefined;
    }
  }

  private *run(task: CopTask, backoff: Backoffer): Wait<Chunk[]> {
    const { spec, client } = this;
    let bypass: readonly number[] = [];
    for (;;) {
      const { readTs, columns, descending, limit } = spec;
      const request: CopRequest = {
        kind: 'cop',
        ranges: task.ranges,
        readTs,
        bypass,
        columns,
        descending,
        limit,
      };
      const reply = yield* client.sender.read(task.region, request, backoff, this.replica);
      if (reply === undefined) return yield* this.runParts(task, backoff);
      if (reply.locked === undefined) {
        client.checkVisible(readTs);
        return reply.rows === 0 ? [] : [{ columns: reply.columns, length: reply.rows }];
      }
      const resolution = yield* client.resolver.resolve([reply.locked], readTs);
      bypass = [...bypass, ...resolution.bypass];
      if (resolution.blocked) yield* backoff.wait('txnLockFast');
    }
  }

  /** The region is not what it was: its ranges are located anew. */
  private *runParts(task: CopTask, backoff: Backoffer): Wait<Chunk[]> {
    const parts = yield* this.split(task.ranges);
    if (this.spec.descending) parts.reverse();
    const chunks: Chunk[] = [];
    for (const part of parts) chunks.push(...(yield* this.run(part, backoff)));
    return chunks;
  }

  /** Cuts ranges at region borders; ascending. */
  private *split(ranges: readonly KeyRange[]): Wait<CopTask[]> {
    const { regions } = this.client.sender;
    const tasks: { region: CachedRegion; ranges: KeyRange[] }[] = [];
    for (const range of ranges) {
      let { start } = range;
      while (start < range.end) {
        const region = regions.find(start) ?? (yield* regions.locate(start));
        const { endKey } = region.info;
        const end = endKey === '' || endKey > range.end ? range.end : endKey;
        const last = tasks.at(-1);
        const part = { space: range.space, start, end };
        if (last !== undefined && last.region === region) last.ranges.push(part);
        else tasks.push({ region, ranges: [part] });
        start = end;
      }
    }
    return tasks;
  }
}
