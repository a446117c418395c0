/**
 * # Schedulers
 *
 * Five ways to move leaders and peers, by the names under which PD knows them. Three are there to
 * make trouble (`shuffle-leader`, `shuffle-region`, `random-merge`), two to even things out
 * (`balance-leader`, `balance-region`); switched on together they work against each other, which is
 * the point. A scheduler is one file with one factory, and one line here. When they run is the
 * business of `scheduler-controller.ts`.
 *
 * Left out: hot regions, labels and placement rules, evict-leader and grant-leader, scatter.
 */
import { balanceLeaderScheduler } from './balance-leader.ts';
import { balanceRegionScheduler } from './balance-region.ts';
import { randomMergeScheduler } from './random-merge.ts';
import type { Scheduler } from './scheduler.ts';
import { shuffleLeaderScheduler } from './shuffle-leader.ts';
import { shuffleRegionScheduler } from './shuffle-region.ts';

export type { Scheduler } from './scheduler.ts';

/** Every scheduler by its name. */
export const SCHEDULERS: ReadonlyMap<string, () => Scheduler> = new Map(
  [
    balanceLeaderScheduler,
    balanceRegionScheduler,
    randomMergeScheduler,
    shuffleLeaderScheduler,
    shuffleRegionScheduler,
  ].map((make) => [make().name, make]),
);
