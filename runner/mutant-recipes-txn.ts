import { SECOND_US } from './duration.ts';
import { FAR_AWAY, fault, faults, hot, type MutantRecipe, spread } from './mutant-recipe.ts';

/** Recipes of defects of transactions, most of which show as soon as postings meet. */

const TENTH_S = SECOND_US / 10;

/** Leaders change all the time. */
const SHUFFLED = fault('scheduler', 'pd', [0.5, 5.5], { scheduler: 'shuffle-leader-scheduler' });

/** First the table becomes one region, so that one-phase commit is possible. */
const FAR_AWAY_IN_ONE_REGION = [
  fault('scheduler', 'pd', [0.1, 4], { scheduler: 'random-merge-scheduler' }),
  fault('delay', 'tidb-0', [4, 8.5], { latencyUs: 40_000, jitterUs: 40_000, correlation: 0 }),
];

/** The locks that the leader kept in memory are gone; those who held them do not know. */
const LOCKS_LOST = [fault('kill', 'tikv-1', [2, 8])];

/**
 * A TiDB node stops amid its commits, and with it the heartbeats of their locks; answers to some
 * prewrites are lost with a store. Others settle what they find, then the node goes on.
 */
const FROZEN = [
  ...faults('delay', ['tikv-0', 'tikv-1', 'tikv-2'], [1, 2.05], {
    ...{ latencyUs: 100_000, jitterUs: 100_000, correlation: 0 },
  }),
  fault('kill', 'tikv-1', [2, 20]),
  fault('pause', 'tidb-0', [2, 27]),
];

/** Defects of transactions, each with the run that shows it. */
export const TXN_RECIPES: readonly MutantRecipe[] = [
  {
    bugs: ['txn.lockRecordDropped'],
    group: 'transactions',
    settings: hot(4),
    seeds: ['1', '2'],
  },
  {
    bugs: ['txn.conflictCheckIgnoresLockType'],
    group: 'transactions',
    settings: hot(4),
    seeds: ['1', '2'],
  },
  {
    bugs: ['txn.staleForUpdateTs'],
    group: 'transactions',
    settings: hot(4),
    seeds: ['1', '2'],
  },
  {
    bugs: ['txn.memLockInvisible'],
    group: 'transactions',
    settings: hot(4, { intervalUs: TENTH_S / 2 }),
    seeds: ['1', '2'],
  },
  {
    bugs: ['txn.maxTsIgnoresReads'],
    group: 'transactions',
    settings: hot(5, { accounts: 200, concurrency: 15, intervalUs: 5000 }),
    faults: FAR_AWAY,
    seeds: ['1', '2'],
  },
  {
    bugs: ['txn.onePcMaxTs'],
    group: 'transactions',
    settings: hot(9, { accounts: 100, concurrency: 8, intervalUs: 5000 }),
    faults: FAR_AWAY_IN_ONE_REGION,
    seeds: ['1', '2'],
  },
  {
    bugs: ['txn.retriedPrewriteSkipsCheck'],
    group: 'transactions',
    settings: spread(30, { concurrency: 21, intervalUs: 3 * SECOND_US }),
    faults: FROZEN,
    seeds: ['1', '2'],
  },
  {
    bugs: ['txn.amendAlways'],
    group: 'transactions',
    settings: hot(25, { accounts: 6, concurrency: 12 }),
    faults: LOCKS_LOST,
    seeds: ['1', '2'],
  },
  {
    bugs: ['txn.amendAlways', 'txn.inMemLockLostOnTransfer'],
    group: 'transactions',
    settings: hot(6, { accounts: 10, concurrency: 12 }),
    faults: [SHUFFLED],
    seeds: ['1', '2'],
  },
];
