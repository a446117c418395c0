import type { MemoryMix } from '../cases/index.ts';
import { SECOND_US } from './duration.ts';
import type { MutantRecipe } from './mutant-recipe.ts';
import type { Settings } from './settings.ts';

/**
 * Recipes of defects of memory control: nothing goes wrong but that readers sort, join and
 * aggregate under quotas too small for it. A wrong answer is seen by the same query without a
 * quota; all else by the contract of a quota. Defects of the rate limit are not among them: where
 * it is on, a reader that nobody reads from shields all who grow even without a defect, and the
 * quota is exceeded by as much as TiDB's is.
 */

const NOTHING: MemoryMix = { sort: 0, join: 0, aggregate: 0, distinct: 0 };
const SORTS: MemoryMix = { ...NOTHING, sort: 1 };
const JOINS: MemoryMix = { ...NOTHING, join: 1 };
const AGGREGATES: MemoryMix = { ...NOTHING, aggregate: 1 };
const EVERYTHING: MemoryMix = { sort: 1, join: 1, aggregate: 1, distinct: 1 };

/** A table of some thousand rows that hardly changes: readers have it for themselves. */
const FULL: Settings = {
  ...{ preset: 'oom', scaleDenominator: 64, accounts: 6000, concurrency: 1 },
  ...{ tidb: 1, pd: 1, nemeses: [], runTimeUs: 20 * SECOND_US, intervalUs: SECOND_US },
  ...{ memQuotaBytes: 2 ** 20, executorConcurrency: 2 },
};

function reading(memoryMix: MemoryMix, settings: Settings = {}): Settings {
  return { ...FULL, memoryMix, ...settings };
}

/** The same in several regions, whose answers wait for their reader. */
function readingRegions(memoryMix: MemoryMix): Settings {
  return reading(memoryMix, { scaleDenominator: 1024, accounts: 5000 });
}

/** The same on a node that may hold little, by readers who may hold anything. */
function readingSmallNode(memoryMix: MemoryMix): Settings {
  const { memQuotaBytes: _, ...unlimited } = readingRegions(memoryMix);
  return { ...unlimited, serverMemoryLimit: String(3 * 2 ** 19) };
}

/** Two seeds are enough for what is met with every other reading. */
const SEEDS = ['1', '2'] as const;

function recipe(bug: MutantRecipe['bugs'][0], settings: Settings): MutantRecipe {
  return { bugs: [bug], group: 'memory of sql', settings, seeds: SEEDS };
}

/** Defects of memory control, each with the run that shows it. */
export const MEMORY_RECIPES: readonly MutantRecipe[] = [
  recipe('mem.hashAggSpill.wrongResult', reading(AGGREGATES)),
  recipe('mem.aggPartitionLost', reading(AGGREGATES)),
  recipe('mem.aggKeepsMemory', reading(AGGREGATES)),
  recipe('mem.spillFileLeak', reading(AGGREGATES, { executorConcurrency: 1 })),
  recipe('mem.sortPartitionLost', reading(SORTS)),
  recipe('mem.spill.rowContainerRace', reading(JOINS)),
  recipe('mem.cancelLoggedAsPanic', reading(EVERYTHING)),
  recipe('mem.cancelUntyped', reading(EVERYTHING)),
  recipe('mem.cancelEndsTransaction', reading(EVERYTHING)),
  recipe('mem.quotaDropsConnection', reading(EVERYTHING)),
  recipe('mem.trackerLeak', readingRegions(EVERYTHING)),
  recipe('mem.cancelNotPropagated', readingRegions(EVERYTHING)),
  recipe('mem.tmpQuotaIgnored', reading(EVERYTHING, { tmpStorageQuotaBytes: 2 ** 16 })),
  recipe('mem.globalKill.wrongVictim', readingSmallNode(EVERYTHING)),
  recipe('mem.globalKill.ineffective', readingSmallNode(EVERYTHING)),
];
