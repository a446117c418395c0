import { SECOND_US } from './duration.ts';
import { fault, hot, type MutantRecipe } from './mutant-recipe.ts';

/** Recipes of defects of transactions, most of which show as soon as postings meet. */

const TENTH_S = SECOND_US / 10;

/**
 * One TiDB node is far from the stores: its commits are long on their way, while the verifications
 * of the other read at timestamps that these must not fall below.
 */
const FAR_AWAY = [
  fault('delay', 'tidb-0', [0.5, 4.9], { latencyUs: 40_000, jitterUs: 40_000, correlation: 0 }),
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
];
