import { randomKill } from './kills.ts';
import type { Nemesis } from './nemesis.ts';

/**
 * What goes wrong.
 *
 * A *nemesis* is a pure function that turns a stream of chances, a topology and a moment into
 * faults (`nemesis.ts`). A *fault* is one thing done to one node and undone later (`fault.ts`). A
 * *plan* is the list of all faults of a run (`plan.ts`): plain data, decided before the run
 * starts. It can be printed without running, kept beside the history, edited by hand, made smaller
 * by a shrinker, or given to another cluster.
 *
 * ```
 *   random_kill ──┐ one at a time,      ┌──────────────────────────────┐ the runner
 *   (the next) ───┼─ in turn, until ──▶ │ 0s to 97s      kill tikv-1   │ ──▶ injects, heals,
 *   (the next) ───┘ the phase is over   │ 97s to 3m2s    kill pd-0     │     and looks at both
 *                                       └──────────────────────────────┘
 * ```
 *
 * Names, targets and durations are tipocket's, so that a failure seen there can be asked for here.
 * What is different: inject and heal travel together in one fault, and each round of each nemesis
 * draws from its own stream of chances, so that leaving one out does not change what another picks.
 *
 * To add one: write a `Nemesis` in a file named after what it does, and add it to the list below.
 * If its fault is of a new kind, tell `runner/inject.ts` how to do it and how to see that it is
 * done.
 */

/** Every nemesis, in the order `list nemeses` shows them. */
export const NEMESES: readonly Nemesis[] = [randomKill];

/** The nemesis of that name, if there is one. */
export function findNemesis(name: string): Nemesis | undefined {
  return NEMESES.find((nemesis) => nemesis.name === name);
}
