import type { BugName } from '../cluster/bugs.ts';
import type { PlannedFault } from '../nemesis/fault.ts';
import type { Plan } from '../nemesis/plan.ts';
import { SECOND_US } from './duration.ts';
import { type RunOptions, resolveOptions } from './options.ts';
import type { Settings } from './settings.ts';

/** What a defect is about, as the chapters of the cluster are cut. */
export type MutantGroup =
  | 'transactions'
  | 'raft and regions'
  | 'pd and time'
  | 'client and sql'
  | 'memory of sql';

/**
 * How to make a seeded defect show: the run in which it is seen. Several defects in one recipe are
 * needed together: each alone is masked by another rule, and the recipe proves that, too.
 */
export interface MutantRecipe {
  readonly bugs: readonly [BugName, ...BugName[]];
  readonly group: MutantGroup;
  /** What the run sets, its seed and its defects excepted. */
  readonly settings: Settings;
  /** Faults given by hand; absent: made from the nemeses of the settings. */
  readonly faults?: readonly PlannedFault[];
  /** Tried in this order until one kills. Decimal spelling of a 64-bit number. */
  readonly seeds: readonly [string, ...string[]];
}

/** What a recipe is called: its defects. */
export function nameOf({ bugs }: Pick<MutantRecipe, 'bugs'>): string {
  return bugs.join(' + ');
}

/** The run of a recipe with these defects on: all of its own, one of several, or none. */
export function optionsOf(recipe: MutantRecipe, seed: string, bugs: readonly string[]): RunOptions {
  const settings: Settings = { ...recipe.settings, seed, bugs };
  const options = resolveOptions('ledger', settings, () => seed);
  const plan = planOf(recipe);
  return plan === undefined ? options : { ...options, plan };
}

/** The plan that a recipe brings along, if it does. */
export function planOf({ faults }: MutantRecipe): Plan | undefined {
  return faults === undefined ? undefined : { faults };
}

/** What goes wrong in a recipe, for a person: nemeses, or the faults of its plan. */
export function adversityOf({ settings, faults }: MutantRecipe): string {
  const kinds = new Map<string, Set<string>>();
  for (const { fault, target, parameters } of faults ?? []) {
    const { scheduler = fault } = parameters;
    const kind = String(scheduler);
    const targets = kinds.get(kind) ?? new Set();
    kinds.set(kind, targets.add(target));
  }
  const planned = [...kinds].map(([kind, targets]) =>
    targets.has('pd') ? kind : `${kind} ${[...targets].join(' ')}`,
  );
  const words = [...(settings.nemeses ?? []), ...planned];
  return words.length === 0 ? 'none' : words.join(', ');
}

/** Several faults of one kind at once, the same for each target. */
export function faults(
  kind: string,
  targets: readonly string[],
  when: readonly [from: number, until: number],
  parameters: PlannedFault['parameters'] = {},
): PlannedFault[] {
  return targets.map((target) => fault(kind, target, when, parameters));
}

/**
 * A fault of a plan made by hand; times in seconds from the start of the safety phase. A scheduler
 * is a nemesis of its own, so that several may run at once.
 */
export function fault(
  kind: string,
  target: string,
  [from, until]: readonly [from: number, until: number],
  parameters: PlannedFault['parameters'] = {},
): PlannedFault {
  const times = { atUs: from * SECOND_US, untilUs: until * SECOND_US };
  const { scheduler = 'by-hand' } = parameters;
  return { ...times, nemesis: String(scheduler), fault: kind, target, parameters };
}

/** Small, fast runs in which postings meet: the settings that most recipes begin with. */
export function hot(seconds: number, settings: Settings = {}): Settings {
  return {
    ...{ preset: 'hot', accounts: 20, concurrency: 20, nemeses: [] },
    runTimeUs: seconds * SECOND_US,
    ...settings,
  };
}

/**
 * Runs of many clients that each post now and then, so that there is always somebody who has not
 * yet got stuck; cheap, for those that have to sit out elections.
 */
export function calm(seconds: number, settings: Settings = {}): Settings {
  return {
    ...{ preset: 'oom', scaleDenominator: 16, accounts: 500, concurrency: 120, nemeses: [] },
    runTimeUs: seconds * SECOND_US,
    ...settings,
  };
}

/** Runs in which the table is split into many regions, so that postings are spread over them. */
export function spread(seconds: number, settings: Settings = {}): Settings {
  return hot(seconds, { scaleDenominator: 1024, accounts: 1500, ...settings });
}

/**
 * One TiDB node is far from the stores: its commits are long on their way, while the verifications
 * of the other read at timestamps that these must not fall below.
 */
export const FAR_AWAY = [
  fault('delay', 'tidb-0', [0.5, 4.9], { latencyUs: 40_000, jitterUs: 40_000, correlation: 0 }),
];
