import { fault, hot, type MutantRecipe } from './mutant-recipe.ts';

/** Recipes of defects of what clients are told, and of SQL. */

/** One store, killed under full load for longer than a commit is retried. */
const ONE_OF_EACH = { accounts: 1000, concurrency: 60, tidb: 1, tikv: 1, pd: 1 } as const;
const KILLED = [fault('kill', 'tikv-0', [1, 96])];

/** Defects of clients and SQL, each with the run that shows it. */
export const CLIENT_RECIPES: readonly MutantRecipe[] = [
  {
    bugs: ['client.undeterminedAsFail'],
    group: 'client and sql',
    settings: hot(97, ONE_OF_EACH),
    faults: KILLED,
    seeds: ['2', '1', '3'],
  },
  {
    bugs: ['client.undeterminedAsSuccess'],
    group: 'client and sql',
    settings: hot(97, ONE_OF_EACH),
    faults: KILLED,
    seeds: ['2', '1', '3'],
  },
  {
    bugs: ['sql.limitBeforeOrder'],
    group: 'client and sql',
    settings: hot(4),
    seeds: ['1', '2'],
  },
];
