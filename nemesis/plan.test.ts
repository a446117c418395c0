import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../cluster/sim/rng.ts';
import type { PlannedFault } from './fault.ts';
import { NEMESES } from './index.ts';
import { randomKill } from './kills.ts';
import type { Nemesis } from './nemesis.ts';
import { makePlan, type NemesisMode, type PlanRequest } from './plan.ts';
import { planProblems } from './plan-problems.ts';
import { topologyOf } from './targets.ts';

const SECOND_US = 1_000_000;
const topology = topologyOf({ tidb: 2, tikv: 3, pd: 3 });

function request(
  seed: string,
  seconds: number,
  nemeses: readonly Nemesis[],
  mode: NemesisMode = 'round-robin',
): PlanRequest {
  const stream = (label: string): Rng => new Rng(seed, label);
  return { nemeses, mode, topology, lengthUs: seconds * SECOND_US, stream };
}

/** A nemesis that does the same thing each time and draws nothing. */
function fixed(name: string, seconds: number): Nemesis {
  return {
    ...{ name, origin: 'wavetank', summary: '' },
    generate({ startUs }) {
      const untilUs = startUs + seconds * SECOND_US;
      return { faults: [kill(startUs, untilUs, 'tikv-0')], untilUs };
    },
  };
}

function kill(atUs: number, untilUs: number, target: string): PlannedFault {
  return { atUs, untilUs, nemesis: 'by hand', fault: 'kill', target, parameters: {} };
}

describe('a plan', () => {
  test('lets the nemeses take turns, each beginning when the one before has healed', () => {
    const { faults } = makePlan(request('1', 100, [fixed('a', 30), fixed('b', 20)]));
    const shown = faults.map(({ nemesis, atUs }) => `${nemesis}@${atUs / SECOND_US}`);
    expect(shown).toEqual(['a@0', 'b@30', 'a@50', 'b@80']);
  });

  test('without a nemesis is empty', () => {
    expect(makePlan(request('1', 100, [])).faults).toEqual([]);
  });

  test('refuses a nemesis that takes no time, for it would never end', () => {
    expect(() => makePlan(request('1', 100, [fixed('still', 0)]))).toThrow(/takes no time/);
  });

  test('of random kills is whole seconds, one node at a time, and repeatable', () => {
    const seeds = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String);
    const lengths = fc.integer({ min: 1, max: 40_000 });
    fc.assert(
      fc.property(seeds, lengths, (seed, seconds) => {
        const { faults } = makePlan(request(seed, seconds, [randomKill]));
        expect(makePlan(request(seed, seconds, [randomKill])).faults).toEqual(faults);
        expect(planProblems({ faults }, topology, seconds * SECOND_US)).toEqual([]);
        let endUs = 0;
        for (const [i, { atUs, untilUs }] of faults.entries()) {
          expect(atUs).toBe(endUs);
          const down = (untilUs - atUs) / SECOND_US;
          expect(Number.isInteger(down)).toBe(true);
          expect(down).toBeLessThanOrEqual(179);
          if (i < faults.length - 1) expect(down).toBeGreaterThanOrEqual(60);
          endUs = untilUs;
        }
        expect(endUs).toBe(seconds * SECOND_US);
      }),
      { seed: 32624, numRuns: 200 },
    );
  });

  test('keeps the draws of one nemesis when another joins it', () => {
    const alone = makePlan(request('5', 3600, [randomKill]));
    const joined = makePlan(request('5', 3600, [randomKill, fixed('other', 10)]));
    const targets = joined.faults.filter((f) => f.nemesis === 'random_kill').map((f) => f.target);
    expect(alone.faults.map((f) => f.target).slice(0, targets.length)).toEqual(targets);
  });
});

const SEEDS = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String);
const SIZES = fc.record({
  tidb: fc.integer({ min: 1, max: 4 }),
  tikv: fc.integer({ min: 1, max: 6 }),
  pd: fc.integer({ min: 1, max: 5 }),
});

describe('whatever nemeses are chosen', () => {
  const chosen = fc.shuffledSubarray([...NEMESES]);
  const modes = fc.constantFrom<NemesisMode>('round-robin', 'overlap');

  test('a plan can be carried out, is in order, and is the same again', () => {
    fc.assert(
      fc.property(SEEDS, SIZES, chosen, modes, (seed, size, nemeses, mode) => {
        const asked = { ...request(seed, 3000, nemeses, mode), topology: topologyOf(size) };
        const plan = makePlan(asked);
        expect(planProblems(plan, asked.topology, asked.lengthUs)).toEqual([]);
        expect(makePlan(asked)).toEqual(plan);
        const times = plan.faults.map(({ atUs }) => atUs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { seed: 32624, numRuns: 150 },
    );
  });

  test('to leave one out changes when the others act, but not what they do', () => {
    fc.assert(
      fc.property(SEEDS, chosen, fc.nat(), (seed, nemeses, which) => {
        const without = nemeses.filter((_, i) => i !== which % nemeses.length);
        const doings = (all: readonly Nemesis[]) => firstRounds(request(seed, 8000, all));
        const [some, rest] = [doings(nemeses), doings(without)];
        for (const { name } of without) expect(rest.get(name)).toEqual(some.get(name));
      }),
      { seed: 32624, numRuns: 100 },
    );
  });
});

/** What each nemesis does in its first round: everything but when. */
function firstRounds(asked: PlanRequest): Map<string, unknown[]> {
  const doings = new Map<string, unknown[]>();
  const { faults } = makePlan(asked);
  for (const nemesis of asked.nemeses) {
    const alone = faults.filter((fault) => fault.nemesis === nemesis.name);
    const count = nemesis.generate({
      ...{ random: asked.stream(`nemesis/${nemesis.name}/0`), topology, startUs: 0 },
    }).faults.length;
    const first = alone.slice(0, count).map(({ atUs, untilUs, ...what }) => ({
      ...{ ...what, lengthUs: untilUs - atUs },
    }));
    doings.set(nemesis.name, first);
  }
  return doings;
}

describe('nemeses that overlap', () => {
  test('each go on by themselves, with a rest of less than a minute after each round', () => {
    const nemeses = [fixed('a', 30), fixed('b', 20)];
    const { faults } = makePlan(request('1', 600, nemeses, 'overlap'));
    for (const { name } of nemeses) {
      const own = faults.filter(({ nemesis }) => nemesis === name);
      expect(own[0]?.atUs).toBe(0);
      for (const [i, fault] of own.slice(1).entries()) {
        const rest = (fault.atUs - (own[i] as PlannedFault).untilUs) / SECOND_US;
        expect(rest).toBeGreaterThanOrEqual(0);
        expect(rest).toBeLessThan(60);
      }
    }
    const together = makePlan(request('1', 600, [...nemeses, fixed('c', 10)], 'overlap'));
    expect(together.faults.filter(({ nemesis }) => nemesis !== 'c')).toEqual(faults);
  });
});

describe('a plan made by hand', () => {
  test('is told which parameters a fault needs, and which it does not know', () => {
    const fault = (kind: string, parameters: PlannedFault['parameters'], target = 'tikv-0') => ({
      ...{ ...kill(0, 10, target), fault: kind, parameters },
    });
    const wrong = (one: PlannedFault): string[] =>
      planProblems({ faults: [one] }, topology, 100).map(
        ({ field, message }) => `${field}: ${message}`,
      );
    expect(wrong(fault('loss', { percent: 101, strength: 3 }))).toEqual([
      'parameters: percent: expected a whole number from 0 to 100, got 101',
      'parameters: loss needs correlation, a whole number from 0 to 100',
      'parameters: loss has no parameter "strength"',
    ]);
    expect(wrong(fault('partition', { direction: 'up' }))).toEqual([
      'parameters: direction: expected one of both, in, out, got up',
    ]);
    expect(wrong(fault('bridge', { side: 'tikv-1,tikv-9' }))).toEqual([
      'parameters: side: expected names of nodes, separated by commas, got tikv-1,tikv-9',
    ]);
    expect(wrong(fault('stall_disk', {}, 'tidb-0'))[0]).toMatch(/^target: no node "tidb-0"/);
    expect(wrong(fault('kill', {}, 'pd-leader'))).toEqual([]);
  });

  test('may have two nemeses do the same thing at once, but not one twice', () => {
    const [one, other] = [kill(0, 10, 'tikv-0'), kill(5, 15, 'tikv-0')];
    expect(planProblems({ faults: [one, { ...other, nemesis: 'b' }] }, topology, 100)).toEqual([]);
    expect(planProblems({ faults: [one, other] }, topology, 100)).toHaveLength(1);
  });

  test('is told what cannot be carried out', () => {
    const faults = [
      kill(0, 10, 'tikv-0'),
      kill(5, 20, 'tikv-0'),
      kill(20, 30, 'tikv-9'),
      { ...kill(40, 50, 'pd-0'), fault: 'explode' },
      kill(60, 60, 'pd-1'),
      kill(100, 110, 'pd-2'),
    ];
    const problems = planProblems({ faults }, topology, 100);
    expect(problems.map(({ index, field }) => [index, field])).toEqual([
      [1, 'at'],
      [2, 'target'],
      [3, 'fault'],
      [4, 'until'],
      [5, 'at'],
    ]);
    expect(problems[0]?.message).toBe('tikv-0 is still under fault 1 of the plan');
  });
});
