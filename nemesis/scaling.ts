import type { Nemesis } from './nemesis.ts';
import { allAtOnce, oneToThreeMinutesUs } from './round.ts';

/**
 * tipocket adds two nodes of each component. Members of PD are left out here: their group is fixed.
 */
const NODES = 2;

/** The cluster grows, and shrinks back. */
export const scaling: Nemesis = {
  name: 'scaling',
  origin: 'tipocket',
  summary: 'add two TiDB nodes and two stores for 60 to 179 s, then have them leave again',
  generate(occasion) {
    const parameters = { count: NODES };
    const deeds = ['tidb', 'tikv'].map((target) => ({
      ...{ fault: 'scale_out', target, parameters },
    }));
    return allAtOnce(occasion, oneToThreeMinutesUs(occasion.random), deeds);
  },
};
