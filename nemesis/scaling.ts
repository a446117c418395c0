import type { Nemesis } from './nemesis.ts';
import { allAtOnce, oneToThreeMinutesUs } from './round.ts';

/** tipocket adds two nodes of each component. */
const NODES = 2;

/** The cluster grows, and shrinks back. */
export const scaling: Nemesis = {
  name: 'scaling',
  origin: 'tipocket',
  summary: 'add two nodes of each component for 60 to 179 s, then take them away again',
  generate(occasion) {
    const parameters = { count: NODES };
    const deeds = ['tidb', 'pd', 'tikv'].map((target) => ({
      ...{ fault: 'scale_out', target, parameters },
    }));
    return allAtOnce(occasion, oneToThreeMinutesUs(occasion.random), deeds);
  },
};
