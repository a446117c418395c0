import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../cluster/sim/rng.ts';
import type { PlannedFault } from './fault.ts';
import { randomKill } from './kills.ts';
import type { Nemesis } from './nemesis.ts';
import { makePlan, type PlanRequest, planProblems } from './plan.ts';
import { topologyOf } from './targets.ts';

const SECOND_US = 1_000_000;
const topology = topologyOf({ tidb: 2, tikv: 3, pd: 3 });

function request(seed: string, seconds: number, nemeses: readonly Nemesis[]): PlanRequest {
  const stream = (label: string): Rng => new Rng(seed, label);
  return { nemeses, topology, lengthUs: seconds * SECOND_US, stream };
}

/** A nemesis that does the same thing each time and draws nothing. */
function fixed(name: string, seconds: number): Nemesis {
  return {
    name,
    summary: '',
    generate: ({ startUs }) => [kill(startUs, startUs + seconds * SECOND_US, 'tikv-0', name)],
  };
}

function kill(atUs: number, untilUs: number, target: string, nemesis = 'by hand'): PlannedFault {
  return { atUs, untilUs, nemesis, fault: 'kill', target, parameters: {} };
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

describe('a plan made by hand', () => {
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
