import { SECOND_US } from './duration.ts';
import { fault, hot, type MutantRecipe } from './mutant-recipe.ts';

/**
 * Recipes of defects of PD: timestamps and leases. A handful of clients will do, for it is the
 * assertions that see them, at the first timestamp that is wrong.
 */

const FEW = { accounts: 10, concurrency: 2 } as const;

/** The followers' disks are slow, so that saving takes a while; then the clock leaps ahead. */
const LEAP_WHILE_SAVING = [
  fault('slow_disk', 'pd-1', [1, 10], { factor: 400 }),
  fault('slow_disk', 'pd-2', [1, 10], { factor: 400 }),
  fault('skew', 'pd-0', [2, 9], { offsetUs: 10 * SECOND_US }),
];

/** A leader whose clock is ahead dies; whoever comes next must not begin at its own clock. */
const AHEAD_THEN_DEAD = [
  fault('skew', 'pd-0', [1, 10], { offsetUs: 20 * SECOND_US }),
  fault('kill', 'pd-0', [12, 30]),
];

const CUT_OFF = [fault('partition', 'pd-0', [2, 20], { direction: 'both' })];

/** Defects of PD, each with the run that shows it. */
export const PD_RECIPES: readonly MutantRecipe[] = [
  {
    bugs: ['tso.windowNotPersisted'],
    group: 'pd and time',
    settings: hot(11, FEW),
    faults: LEAP_WHILE_SAVING,
    seeds: ['1', '2'],
  },
  {
    bugs: ['tso.noResyncOnReelection'],
    group: 'pd and time',
    settings: hot(32, FEW),
    faults: AHEAD_THEN_DEAD,
    seeds: ['1', '2'],
  },
  {
    bugs: ['tso.physicalFollowsClockBack'],
    group: 'pd and time',
    settings: hot(12, FEW),
    faults: [fault('skew', 'pd-0', [2, 10], { offsetUs: -5 * SECOND_US })],
    seeds: ['1', '2'],
  },
  {
    bugs: ['tso.twoLeaders'],
    group: 'pd and time',
    settings: hot(20, FEW),
    faults: [fault('pause', 'pd-0', [2, 12])],
    seeds: ['1', '2'],
  },
  {
    bugs: ['pd.leaseTooLong'],
    group: 'pd and time',
    settings: hot(25, FEW),
    faults: CUT_OFF,
    seeds: ['1', '2'],
  },
  {
    bugs: ['pd.leaseWithoutQuorum'],
    group: 'pd and time',
    settings: hot(25, FEW),
    faults: CUT_OFF,
    seeds: ['1', '2'],
  },
];
