import { corrupt, delay, duplicate, loss, reorder } from './bad-links.ts';
import { SKEWS, strobeSkews } from './clocks.ts';
import { clog, swizzle } from './clogs.ts';
import { lostUnsynced, powerCut, slowDisk, stallDisk } from './disks.ts';
import {
  allKill,
  killPdLeader5Min,
  killPdNonleader5Min,
  killTikv1Node5Min,
  killTikv2Node5Min,
  majorKill,
  minorKill,
  podKill,
  randomKill,
  shortKillPdLeader,
  shortKillTikv1Node,
} from './kills.ts';
import type { Nemesis } from './nemesis.ts';
import { bridge, partitionOne, partitionOneWay } from './partitions.ts';
import { pause } from './pauses.ts';
import { scaling } from './scaling.ts';
import { leaderShuffle, SCHEDULERS } from './schedulers.ts';

/**
 * What goes wrong.
 *
 * A *nemesis* is a pure function that turns a stream of chances, a topology and a moment into
 * faults (`nemesis.ts`). A *fault* is one thing done to one target and undone later (`fault.ts`,
 * `fault-kinds.ts`). A *plan* is the list of all faults of a run (`plan.ts`): plain data, decided
 * before the run starts. It can be printed without running, kept beside the history, edited by
 * hand, made smaller by a shrinker, or given to another cluster.
 *
 * ```
 *   random_kill ──┐ one at a time,      ┌──────────────────────────────┐ the runner
 *   (the next) ───┼─ in turn, until ──▶ │ 0s to 97s      kill tikv-1   │ ──▶ injects, heals,
 *   (the next) ───┘ the phase is over   │ 97s to 3m2s    loss tikv-0 … │     and looks at both
 *                                       └──────────────────────────────┘
 * ```
 *
 * Names, targets and durations are tipocket's, so that a failure seen there can be asked for here;
 * what this project adds says so (`origin`). What is different: inject and heal travel together in
 * one fault; each round of each nemesis draws from its own stream of chances, so that leaving one
 * out does not change what another picks; and what tipocket mis-spells, does to the wrong node or
 * does not notice to have failed (`kill_pd_nonleader_5min`, `strobe_skews`, the schedulers) is done
 * as it was meant.
 *
 * A few targets are roles, because only the running cluster knows who fills them: `pd-leader` is
 * looked up when the fault begins, and the fault's record says which node that was.
 *
 * To add one: write a `Nemesis` in a file named after what it does, and add it to the list below.
 * If its fault is of a new kind, add that to `fault-kinds.ts` and tell `runner/faults/` how to do
 * it and how to see that it is done.
 */

/** Every nemesis, in the order `list nemeses` shows them: tipocket's, then this project's. */
export const NEMESES: readonly Nemesis[] = [
  ...[randomKill, allKill, minorKill, majorKill, killTikv1Node5Min, killTikv2Node5Min],
  ...[killPdLeader5Min, killPdNonleader5Min, shortKillTikv1Node, shortKillPdLeader, podKill],
  ...[partitionOne, loss, delay, duplicate, corrupt, ...SKEWS, strobeSkews],
  ...[...SCHEDULERS, leaderShuffle, scaling],
  ...[partitionOneWay, bridge, clog, swizzle, reorder],
  ...[pause, slowDisk, stallDisk, lostUnsynced, powerCut],
];

/** The nemesis of that name, if there is one. */
export function findNemesis(name: string): Nemesis | undefined {
  return NEMESES.find((nemesis) => nemesis.name === name);
}
