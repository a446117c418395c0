import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Case, CaseContext } from '../cases/case.ts';
import { valid } from '../checker/checker.ts';
import type { Op } from '../checker/history.ts';
import type { NodeInfo, SimulatedCluster } from '../cluster/surface.ts';
import { simulate } from './simulate.ts';
import type { RunState, SimulationResult } from './simulation.ts';

const SECOND_US = 1_000_000;

/** A world of one node, in which nothing happens but time. */
class EmptyWorld implements SimulatedCluster {
  readonly source = { nodeCount: 1, connect: () => Promise.reject(new Error('nobody is there')) };
  readonly checkpoints = [];
  events = 0;
  alive = true;
  stopped = false;
  private now = 0;
  private queue: { timeUs: number; action: () => void }[] = [];

  nodes(): NodeInfo[] {
    return [{ id: 0, name: 'tikv-0', kind: 'tikv', alive: this.alive }];
  }
  pdLeader(): undefined {
    return undefined;
  }
  kill(): void {
    this.alive = false;
  }
  restart(): void {
    this.alive = true;
  }
  isAlive(): boolean {
    return this.alive;
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
  counters() {
    return { leaderTransfers: 0, elections: 0, splits: 0, merges: 0, peerMoves: 0, tsoOutages: 0 };
  }
  drainLogs(sink: (node: string, line: string) => void): void {
    sink('tikv-0', `${this.events} events`);
  }
  stop(): void {
    this.stopped = true;
  }
}

/** A case that notes what was asked of it, and does one thing a second. */
class Clockwork implements Case {
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

interface Watch {
  readonly ops: Op[];
  readonly phases: Set<string>;
  readonly result: SimulationResult;
}

async function watched(
  world: EmptyWorld,
  workload: Case,
  stopWhen: (state: RunState) => boolean = () => false,
  refuse = false,
): Promise<Watch> {
  const ops: Op[] = [];
  const phases = new Set<string>();
  let stop = false;
  const kill = { nemesis: 'hand', fault: 'kill', target: 'tikv-0', parameters: {} };
  const result = await simulate({
    cluster: world,
    case: workload,
    plan: { faults: [{ ...kill, atUs: 3 * SECOND_US, untilUs: 60 * SECOND_US }] },
    runTimeUs: 10 * SECOND_US,
    random: () => ({ nextInt: () => 0, nextInt63: () => 0n }),
    observer: {
      operation: (op) => {
        if (refuse) throw new Error('the disk is full');
        ops.push(op);
      },
      log: () => {},
      say: () => {},
      step: (state) => {
        phases.add(state.phase);
        stop = stopWhen(state);
      },
      stopping: () => stop,
    },
  });
  return { ops, phases, result };
}

describe('a simulation', () => {
  test('goes through its phases and heals before the last', async () => {
    const world = new EmptyWorld();
    const workload = new Clockwork(world);
    const { ops, phases, result } = await watched(world, workload);
    expect(workload.seen).toEqual([
      'setup at 0s, node up',
      'run at 2s, node up',
      'finish at 12s, node up',
    ]);
    expect([...phases]).toEqual(['setup', 'safety', 'liveness']);
    expect(result.phases.map(({ name, untilUs }) => [name, untilUs / SECOND_US])).toEqual([
      ['setup', 2],
      ['safety', 12],
      ['liveness', 13],
    ]);
    expect(ops.map(({ index, outcome }) => `${index} ${outcome}`).join(', ')).toBe(
      '0 ok, 1 ok, 2 fail, 3 fail, 4 fail, 5 fail, 6 fail, 7 fail, 8 fail, 9 fail',
    );
    expect(result.faults).toMatchObject([
      { atUs: 5 * SECOND_US, untilUs: 12 * SECOND_US, tookEffect: true, healed: true },
    ]);
    expect(result.checks.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'run.complete valid',
      'faults.took-effect valid',
      'faults.healed valid',
      'clockwork.ticks valid',
    ]);
    expect([result.tally.operations.ok, result.tally.operations.fail]).toEqual([2, 8]);
    expect(result.planStartUs).toBe(2 * SECOND_US);
    expect(world.stopped).toBe(true);
  });

  test('that is interrupted ends at once, is judged as far as it came, and says so', async () => {
    const world = new EmptyWorld();
    const stop = (state: RunState): boolean => state.nowUs >= 7 * SECOND_US;
    const { ops, result } = await watched(world, new Clockwork(world), stop);
    expect(result.simulatedUs).toBe(7 * SECOND_US);
    expect(ops).toHaveLength(5);
    expect(result.checks[0]).toMatchObject({
      name: 'run.complete',
      verdict: 'unknown',
      cause: 'interrupted in the safety phase, at 7s of virtual time',
    });
    expect(result.faults).toMatchObject([{ healed: true }]);
    expect(world.alive).toBe(true);
  });

  test('whose tables cannot be made is unknown, and not the fault of the harness', async () => {
    const world = new EmptyWorld();
    const workload = new Clockwork(world);
    workload.setup = () => Promise.reject(new Error('no leader'));
    const { result } = await watched(world, workload);
    expect(result.checks[0]).toMatchObject({
      verdict: 'unknown',
      cause: 'setup failed: no leader',
    });
    expect([result.crashed, workload.seen]).toEqual([false, []]);
  });

  test('whose case breaks down is unknown, and the fault of the harness', async () => {
    const world = new EmptyWorld();
    const workload = new Clockwork(world);
    workload.run = () => Promise.reject(new Error('of undefined'));
    const { result } = await watched(world, workload);
    expect(result.checks[0]).toMatchObject({ cause: 'safety failed: of undefined' });
    expect(result.crashed).toBe(true);
  });

  test('whose case never ends a phase is given up', async () => {
    const world = new EmptyWorld();
    const workload = new Clockwork(world);
    workload.finish = () => new Promise(() => {});
    const { result } = await watched(world, workload);
    expect(result.checks[0]).toMatchObject({
      verdict: 'unknown',
      cause: expect.stringMatching(/^never ended in the liveness phase, at 2h\d+s/),
    });
  });

  test('rejects when its observer cannot go on, whatever the case makes of it', async () => {
    const world = new EmptyWorld();
    await expect(watched(world, new Clockwork(world), undefined, true)).rejects.toThrow(
      'the disk is full',
    );
  });
});
