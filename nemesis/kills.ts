import type { Nemesis, RandomSource } from './nemesis.ts';
import { anyNode } from './targets.ts';

/** tipocket draws how long a node stays away in whole seconds from [60, 180). */
const DOWN_SECONDS_MIN = 60;
const DOWN_SECONDS_SPAN = 120;
const SECOND_US = 1_000_000;

/**
 * Kills one node of any component and starts it again after one to three minutes. tipocket's
 * `random_kill`, which asks Chaos Mesh for a pod failure: the pod stays away for the whole time.
 */
export const randomKill: Nemesis = {
  name: 'random_kill',
  summary: 'kill one node of any component for 60 to 179 s, then restart it',
  generate({ random, topology, startUs }) {
    const target = anyNode(random, topology);
    const untilUs = startUs + downTimeUs(random);
    const { name } = randomKill;
    return [
      { atUs: startUs, untilUs, nemesis: name, fault: 'kill', target: target.name, parameters: {} },
    ];
  },
};

function downTimeUs(random: RandomSource): number {
  return (DOWN_SECONDS_MIN + random.nextInt(DOWN_SECONDS_SPAN)) * SECOND_US;
}
