import { setImmediate } from 'node:timers/promises';
import type { Case, CaseContext } from '../cases/case.ts';
import { valid } from '../checker/checker.ts';
import type { MemoryUsage } from '../cluster/memory-record.ts';
import { NO_SPELLS } from '../cluster/spells.ts';
import type { ClusterCounters, SimulatedCluster } from '../cluster/surface.ts';
import { BareSurface } from './bare-surface.ts';

const SECOND_US = 1_000_000;

/** A world of one node, in which nothing happens but time. */
export class EmptyWorld extends BareSurface implements SimulatedCluster {
  readonly source = { nodeCount: 1, connect: () => Promise.reject(new Error('nobody is there')) };
  readonly checkpoints = [];
  events = 0;
  stopped = false;
  private now = 0;
  private queue: { timeUs: number; action: () => void }[] = [];

  constructor() {
    super(['tikv-0']);
  }

  /** Whether the one node is up. */
  get alive(): boolean {
    return this.isAlive(1);
  }

  nowUs(): number {
    return this.now;
  }
  at(timeUs: number, action: () => void): void {
    this.queue.push({ timeUs, action });
    this.queue.sort((a, b) => a.timeUs - b.timeUs);
  }
  sleep(us: number): Promise<void> {
    return new Promise((resolve) => this.at(this.now + us, resolve));
  }
  async advanceTo(untilUs: number): Promise<void> {
    await setImmediate();
    while ((this.queue[0]?.timeUs ?? Number.POSITIVE_INFINITY) <= untilUs) {
      const event = this.queue.shift();
      this.now = event?.timeUs ?? this.now;
      this.events++;
      event?.action();
      await setImmediate();
    }
    this.now = untilUs;
  }
  hash(): string {
    return this.events.toString(16).padStart(16, '0');
  }
  memory(): MemoryUsage {
    const nothing = {
      actions: [],
      statements: [],
      panics: [],
      picks: [],
      neglects: [],
      leaks: [],
      levels: [],
    };
    return { quota: 0, peakTracked: 0, counts: {}, measured: 1, worst: undefined, ...nothing };
  }

  counters(): ClusterCounters {
    return {
      ...{ leaderTransfers: 0, elections: 0, splits: 0, merges: 0, peerMoves: 0, tsoOutages: 0 },
      ...{ replicaReads: 0, withoutTso: NO_SPELLS, leaderless: NO_SPELLS },
    };
  }
  drainLogs(sink: (node: string, line: string) => void): void {
    sink('tikv-0', `${this.events} events`);
  }
  stop(): void {
    this.stopped = true;
  }
}

/** A case that notes what was asked of it, and does one thing a second. */
export class Clockwork implements Case {
  readonly name = 'clockwork';
  readonly summary = '';
  readonly settings = [];
  readonly seen: string[] = [];
  private readonly world: EmptyWorld;

  constructor(world: EmptyWorld) {
    this.world = world;
  }

  async setup(ctx: CaseContext): Promise<void> {
    this.note('setup', ctx);
    await ctx.sleepUs(2 * SECOND_US);
  }

  async run(ctx: CaseContext, untilUs: number): Promise<void> {
    this.note('run', ctx);
    while (ctx.nowUs() < untilUs && !ctx.stopping()) {
      const invokedAtUs = ctx.nowUs();
      await ctx.sleepUs(SECOND_US);
      const outcome = this.world.alive ? 'ok' : 'fail';
      const completedAtUs = ctx.nowUs();
      const op = {
        process: 0,
        f: 'tick',
        outcome,
        value: null,
        invokedAtUs,
        completedAtUs,
      } as const;
      ctx.history.record(op);
    }
  }

  async finish(ctx: CaseContext): Promise<void> {
    this.note('finish', ctx);
    await ctx.sleepUs(SECOND_US);
  }

  judge() {
    return { observe: () => {}, conclude: () => [valid('clockwork.ticks')] };
  }

  private note(what: string, ctx: CaseContext): void {
    this.seen.push(
      `${what} at ${ctx.nowUs() / SECOND_US}s, node ${this.world.alive ? 'up' : 'down'}`,
    );
  }
}
