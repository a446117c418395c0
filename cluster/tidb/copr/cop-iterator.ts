import { SqlError } from '../../errors.ts';
import { Channel, Gate, type Wait } from '../../sim/index.ts';
import { removeFrom } from '../remove-from.ts';
import { copProfileOf } from './cop-profile.ts';
import type { CopResponse, DataResponse } from './cop-response.ts';
import type { CopScan } from './cop-scan.ts';
import { type CopTask, type LocatedRanges, locateRanges } from './cop-task.ts';
import { CopWorker } from './cop-worker.ts';
import { RateLimit } from './rate-limit.ts';

/** How often a reader that waits looks whether its statement was killed, µs. */
const KILL_POLL_US = 3_000_000;

/**
 * The answers of one scan. Everything is under way as soon as this exists: the sender gives out
 * tasks as far as there are tokens, workers ask the regions, answers wait in a channel until they
 * are read. See `index.ts`. Source: TiDB `copIterator`.
 */
export class CopIterator {
  private readonly scan: CopScan;
  private tasks: readonly CopTask[] = [];
  /** The task that is read from, where order matters. */
  private current = 0;
  private tokens: RateLimit | undefined = undefined;
  private queue: Channel<CopTask> | undefined = undefined;
  private shared: Channel<CopResponse> | undefined = undefined;
  private launched = false;
  private failure: { readonly error: unknown } | undefined = undefined;
  private readonly whenLaunched = new Gate();
  /** The answer given last is the last of all. */
  private last = false;

  constructor(scan: CopScan) {
    this.scan = scan;
    scan.client.copWorkers++;
    scan.process.spawn(this.launch(), (error) => {
      scan.client.copWorkers--;
      if (error === undefined) return;
      if (!(error instanceof SqlError)) throw error;
      this.failure = { error };
      this.isLaunched();
    });
  }

  /** The next answer with rows; undefined is the end. Throws what a worker met. */
  *next(): Wait<DataResponse | undefined> {
    const { scan } = this;
    if (!this.launched) yield* this.whenLaunched.wait(scan.process);
    if (this.failure !== undefined) throw this.failure.error;
    for (;;) {
      const channel = this.shared ?? this.tasks[this.current]?.channel;
      if (channel === undefined || this.knowsEnd(channel)) break;
      const response = yield* this.receive(channel);
      if (response?.kind === 'error') throw response.error;
      if (response?.kind === 'data') {
        scan.client.checkVisible(scan.spec.readTs);
        this.last = response.last;
        return response;
      }
      // Tasks that share a channel say when they are done; that of a single one is closed then.
      if (response === undefined && (this.shared !== undefined || scan.closed)) break;
      this.taskRead();
      this.current++;
    }
    scan.action?.close();
    return undefined;
  }

  /**
   * After the last answer of the only task there is nothing to wait for. The worker must have room
   * to say that it is done, and whoever was killed is to notice where others do.
   */
  private knowsEnd(channel: Channel<CopResponse>): boolean {
    if (!this.last || channel.capacity === 0) return false;
    if (this.scan.reader?.interruption.error !== undefined) return false;
    this.last = false;
    this.taskRead();
    this.current++;
    channel.abandon();
    return true;
  }

  /** Stops everything: no worker, token or byte is left. */
  close(): void {
    const { bugs } = this.scan.client;
    if (bugs.has('mem.cancelNotPropagated')) return;
    this.scan.close();
    this.tokens?.close();
    this.queue?.abandon();
    if (bugs.has('mem.goroutineStuckInSend')) return;
    this.shared?.abandon();
    for (const { channel } of this.tasks) channel?.abandon();
  }

  /** Builds the tasks, starts the workers, and becomes the sender; or does the only task. */
  private *launch(): Wait<void> {
    const { client, spec } = this.scan;
    const parts = yield* locateRanges(client.sender.regions, spec.ranges, spec.descending);
    if (this.scan.closed) return;
    const concurrency = this.prepare(parts);
    this.isLaunched();
    const [only] = this.tasks;
    if (only === undefined || this.tasks.length > 1) {
      yield* this.sendTasks(this.startWorkers(concurrency));
      return;
    }
    // One task needs neither a sender nor a channel of tasks; nobody can tell the difference.
    this.tokens?.tryTake();
    yield* new CopWorker(this.scan, this.shared, true).runTask(only);
    this.shared?.close();
  }

  private isLaunched(): void {
    this.launched = true;
    this.whenLaunched.open();
  }

  /** Makes what sender and workers share; how many workers there are to be. */
  private prepare(parts: readonly LocatedRanges[]): number {
    const { process, spec, settings, action, pages, reader } = this.scan;
    const profile = reader === undefined ? undefined : copProfileOf(reader.memory.profile);
    const most = spec.serial === true ? 1 : settings.concurrency;
    let concurrency = Math.max(1, Math.min(most, parts.length));
    if (spec.keepOrder) {
      concurrency = Math.min(concurrency, profile?.orderedConcurrency ?? concurrency);
      this.tokens = new RateLimit(process, 2 * concurrency);
    } else {
      this.tokens = new RateLimit(process, concurrency);
      const room = settings.rateLimitAction ? 2 * concurrency : concurrency;
      this.shared = new Channel(process, profile?.handsOver === true ? 0 : room);
    }
    action?.setTokens(this.tokens.capacity);
    const room = profile?.orderedRoom ?? 2;
    this.tasks = parts.map(({ region, ranges }) => ({
      region,
      ranges,
      channel: spec.keepOrder ? new Channel(process, room) : undefined,
      pageSize: pages?.first,
    }));
    return concurrency;
  }

  private startWorkers(concurrency: number): Channel<CopTask> {
    const { scan } = this;
    const queue = new Channel<CopTask>(scan.process, 1);
    this.queue = queue;
    let running = concurrency;
    scan.client.copWorkers += concurrency;
    for (let i = concurrency; i > 0; i--) {
      scan.process.spawn(new CopWorker(scan, this.shared, false).run(queue), (error) => {
        if (error !== undefined) throw error;
        scan.client.copWorkers--;
        if (--running === 0) this.shared?.close();
      });
    }
    return queue;
  }

  /** Gives out tasks in order, each for a token. */
  private *sendTasks(queue: Channel<CopTask>): Wait<void> {
    const tokens = this.tokens as RateLimit;
    for (const task of this.tasks) {
      if (!(yield* tokens.take())) break;
      if (!(yield* queue.send(task))) break;
    }
    queue.close();
  }

  /** The sender may give out another task, unless the token is destroyed. */
  private taskRead(): void {
    const { closed, action, client } = this.scan;
    if (closed) return;
    const lost = client.bugs.has('mem.rateLimit.tokenNotReturned') && action?.hasActed === true;
    if (action?.taskRead() !== false && !lost) this.tokens?.give();
  }

  private *receive(channel: Channel<CopResponse>): Wait<CopResponse | undefined> {
    const stopListening = this.listen(channel);
    const response = yield* channel.receive();
    stopListening?.();
    if (response?.kind === 'data') this.scan.release(response.bytes);
    return response;
  }

  /**
   * While a reader waits, it looks every few seconds whether its statement was killed. Here it is
   * told, and acts when it would have looked: that costs nothing as long as nobody kills anything.
   */
  private listen(channel: Channel<CopResponse>): (() => void) | undefined {
    const interruption = this.scan.reader?.interruption;
    if (interruption === undefined || channel.length + channel.blocked > 0) return undefined;
    const { process } = this.scan;
    const sinceUs = process.world.nowUs;
    let waiting = true;
    const onKill = (): void => {
      const { error } = interruption;
      const pastUs = (process.world.nowUs - sinceUs) % KILL_POLL_US;
      process.after(KILL_POLL_US - pastUs, () => {
        if (waiting) channel.interrupt({ kind: 'error', error });
      });
    };
    if (interruption.error !== undefined) onKill();
    interruption.listeners ??= [];
    const { listeners } = interruption;
    listeners.push(onKill);
    return () => {
      waiting = false;
      removeFrom(listeners, onKill);
    };
  }
}
