import { SECOND_US } from './duration.ts';
import { FAR_AWAY, fault, hot, type MutantRecipe, spread } from './mutant-recipe.ts';

/** Recipes of defects of reads that somebody else than the leader answers. */

/** A store that leads nothing, since it was away, takes longer to write than readings look back. */
const LAGGING = [
  fault('kill', 'tikv-2', [0.5, 22]),
  fault('slow_disk', 'tikv-2', [26, 60], { factor: 30_000 }),
];

/** Defects of follower reads and stale reads, each with the run that shows it. */
export const READ_RECIPES: readonly MutantRecipe[] = [
  {
    bugs: ['read.followerTellsNobody'],
    group: 'transactions',
    settings: hot(5, {
      ...{ accounts: 200, concurrency: 15, intervalUs: 5000 },
      verifyFrom: 'follower',
    }),
    faults: FAR_AWAY,
    seeds: ['1', '2'],
  },
  {
    bugs: ['read.safeTsBeforeApplied'],
    group: 'transactions',
    settings: spread(60, { concurrency: 4, verifyFrom: 'stale', intervalUs: SECOND_US / 5 }),
    faults: LAGGING,
    seeds: ['1', '2'],
  },
];
