import type { RegionOperation } from '../cluster/surface.ts';
import type { Nemesis } from './nemesis.ts';
import { allAtOnce, SECOND_US } from './round.ts';

/**
 * PD's own schedulers as nemeses: they fight the balancers, so leaders, peers and borders of
 * regions never come to rest. tipocket asks the first PD in its list and overlooks that it refused;
 * here whoever leads is asked, until it is done, and asked again to take it back.
 */

const FIVE_MINUTES_US = 300 * SECOND_US;
const TEN_SECONDS_US = 10 * SECOND_US;

function scheduler(name: string, summary: string): Nemesis {
  return {
    ...{ name, summary, origin: 'tipocket' },
    generate(occasion) {
      const deed = { fault: 'scheduler', target: 'pd', parameters: { scheduler: name } };
      return allAtOnce(occasion, FIVE_MINUTES_US, [deed]);
    },
  };
}

/** The three that the run of the seed issue had on. */
export const SCHEDULERS: readonly Nemesis[] = [
  scheduler('shuffle-leader-scheduler', 'PD moves leaders between stores at random for 5 min'),
  scheduler('shuffle-region-scheduler', 'PD moves peers between stores at random for 5 min'),
  scheduler('random-merge-scheduler', 'PD merges neighbouring regions at random for 5 min'),
];

/** What can be asked of PD for one region. */
export const REGION_OPERATIONS = [
  'transfer-leader',
  'move-region',
  'move-neighbour-in',
  'merge-with-sibling',
  'split',
] as const satisfies readonly RegionOperation[];

/** Whether a text names one of them. */
export function isRegionOperation(text: string): text is RegionOperation {
  return REGION_OPERATIONS.some((operation) => operation === text);
}

/** Bound of `pick`, which chooses among what there is when the time has come. */
const PICKS = 60;

/** tipocket's `pd-leader-shuffler`: one operation on the region of key "0" every ten seconds. */
export const leaderShuffle: Nemesis = {
  name: 'leader-shuffle',
  origin: 'tipocket',
  summary: 'one operation on the first region each 10 s: move its leader or a peer, merge, split',
  generate(occasion) {
    const { random } = occasion;
    const operation = REGION_OPERATIONS[
      random.nextInt(REGION_OPERATIONS.length)
    ] as RegionOperation;
    const parameters = { operation, pick: random.nextInt(PICKS) };
    const deed = { fault: 'region_operation', target: 'pd', parameters };
    return allAtOnce(occasion, TEN_SECONDS_US, [deed]);
  },
};
