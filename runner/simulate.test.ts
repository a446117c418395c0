import { describe, expect, test } from 'vitest';
import type { Case } from '../cases/case.ts';
import type { Op } from '../checker/history.ts';
import { InvariantViolation } from '../cluster/invariants.ts';
import { Clockwork, EmptyWorld } from '../testing/clockwork.ts';
import { simulate } from './simulate.ts';
import type { RunState, SimulationResult } from './simulation.ts';

const SECOND_US = 1_000_000;

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
    version: 'v8.5.0',
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
      'cluster.invariants valid',
      'faults.took-effect valid',
      'faults.healed valid',
      'quota.no-panic valid',
      'quota.order valid',
      'quota.overshoot valid',
      'quota.clean-cancel valid',
      'quota.no-leak valid',
      'quota.no-needless-cancel valid',
      'quota.tmp-storage valid',
      'quota.server-limit valid',
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

  test('a violated assertion ends the run at once and is its verdict', async () => {
    const world = new EmptyWorld();
    world.at(5 * SECOND_US, () => {
      throw new InvariantViolation('raft.lease', 5 * SECOND_US, 'region 7: seen');
    });
    const { phases, result } = await watched(world, new Clockwork(world));
    expect([...phases]).not.toContain('liveness');
    expect(result.checks.find(({ verdict }) => verdict === 'invalid')).toEqual({
      name: 'cluster.invariants',
      verdict: 'invalid',
      cause: 'raft.lease: region 7: seen',
      ops: [],
      atUs: 5 * SECOND_US,
    });
  });
});
