import type { Nemesis, Occasion, Round } from './nemesis.ts';
import { allAtOnce, oneToThreeMinutesUs } from './round.ts';
import { oneOf, someOf } from './targets.ts';

/**
 * Partitions. The machine that the case's sessions come from is in none of them, as in tipocket: a
 * TiDB node that is cut off from the cluster can still be talked to.
 */

/** Cuts one node off from all others. */
export const partitionOne: Nemesis = {
  name: 'partition_one',
  origin: 'tipocket',
  summary: 'cut one node off from all others, both ways, for 60 to 179 s',
  generate: (occasion) => cutOff(occasion, 'both'),
};

/** One node hears the others but is not heard, or the other way round. */
export const partitionOneWay: Nemesis = {
  name: 'partition_one_way',
  origin: 'wavetank',
  summary: 'cut one node off in one direction only for 60 to 179 s: deaf, or mute',
  generate: (occasion) => cutOff(occasion, occasion.random.nextInt(2) === 0 ? 'in' : 'out'),
};

/**
 * Two halves that cannot see each other, and one node that sees both: quorums that overlap in one
 * node only, and a leader in each half that thinks the bridge is on its side. Jepsen's `bridge`.
 */
export const bridge: Nemesis = {
  name: 'bridge',
  origin: 'wavetank',
  summary: 'split the cluster in halves that only one node can see both of, for 60 to 179 s',
  generate(occasion) {
    const { random, topology } = occasion;
    const [middle, ...others] = someOf(random, topology.nodes, topology.nodes.length);
    if (middle === undefined) throw new Error('a topology without nodes has no bridge');
    const half = others.slice(0, Math.floor(others.length / 2)).map(({ name }) => name);
    const side = topology.nodes.map(({ name }) => name).filter((name) => half.includes(name));
    const parameters = { side: side.join(',') };
    const deed = { fault: 'bridge', target: middle.name, parameters };
    return allAtOnce(occasion, oneToThreeMinutesUs(random), [deed]);
  },
};

function cutOff(occasion: Occasion, direction: 'both' | 'in' | 'out'): Round {
  const { random, topology } = occasion;
  const target = oneOf(random, topology.nodes).name;
  const deed = { fault: 'partition', target, parameters: { direction } };
  return allAtOnce(occasion, oneToThreeMinutesUs(random), [deed]);
}
