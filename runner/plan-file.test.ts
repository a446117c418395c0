import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../cluster/sim/rng.ts';
import { randomKill } from '../nemesis/kills.ts';
import { makePlan } from '../nemesis/plan.ts';
import { topologyOf } from '../nemesis/targets.ts';
import { readPlan, writePlan } from './plan-file.ts';

const SECOND_US = 1_000_000;
const topology = topologyOf({ tidb: 1, tikv: 3, pd: 1 });

describe('a plan file', () => {
  test('reads back as the plan that was written', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 5000 }), (seed, seconds) => {
        const lengthUs = seconds * SECOND_US;
        const stream = (label: string): Rng => new Rng(seed, label);
        const plan = makePlan({
          ...{ nemeses: [randomKill], mode: 'round-robin', topology, lengthUs, stream },
        });
        expect(readPlan('plan.yaml', writePlan(plan), topology, lengthUs)).toEqual(plan);
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  test('keeps parameters and is put in order of time', () => {
    const text = [
      'faults:',
      '  - { at: 2m, until: 3m, nemesis: x, fault: kill, target: tikv-1, parameters: { pick: 5 } }',
      '  - { at: 0s, until: 1m, nemesis: hand, fault: kill, target: tikv-0 }',
    ].join('\n');
    const { faults } = readPlan('plan.yaml', text, topology, 600 * SECOND_US);
    expect(faults.map(({ target, parameters }) => [target, parameters])).toEqual([
      ['tikv-0', {}],
      ['tikv-1', { pick: 5 }],
    ]);
  });

  const mistakes: [sentence: string, text: string, line: string][] = [
    [
      'a node that is not there',
      'faults:\n  - { at: 0s, until: 1m, nemesis: hand, fault: kill, target: tikv-7 }\n',
      'p.yaml:2:54 faults[0].target: no node "tikv-7", expected one of tidb-0, tikv-0, ',
    ],
    [
      'a fault without a target',
      'faults:\n  - { at: 0s, until: 1m, nemesis: hand, fault: kill }\n',
      'p.yaml:2:5 faults[0].target: expected a name, got nothing',
    ],
    [
      'a bare number for a time',
      'faults:\n  - { at: 0s, until: 60, nemesis: hand, fault: kill, target: pd-0 }\n',
      'p.yaml:2:15 faults[0].until: expected a duration such as 90s, 1h30m or 250ms, got 60',
    ],
    ['no faults at all', 'fault: []\n', 'p.yaml:1:1 faults: expected a list, got nothing'],
  ];
  test.each(mistakes)('with %s is refused, with the place', (_, text, line) => {
    expect(() => readPlan('p.yaml', text, topology, 600 * SECOND_US)).toThrow(line);
  });
});
