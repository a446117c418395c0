/**
 * Merges regions at random: a random region that a random store leads, with the region behind it or
 * the one before. Unlike the merge checker it asks neither for sizes nor for how long ago the
 * region was split, so it makes regions that the next split check takes apart again. Source: PD
 * `schedulers/random_merge.go`.
 */
import { mayMerge } from '../checkers/mergeable.ts';
import { mergeOperators } from '../create-operator.ts';
import { isRegionSource, pickStore, storesPassing } from '../filters.ts';
import type { RegionHeartbeat } from '../heartbeat.ts';
import { OperatorKind, Priority } from '../operator.ts';
import { isHealthy, isReplicated } from '../region-view.ts';
import type { ScheduleContext } from '../schedule-context.ts';
import type { Scheduler } from './scheduler.ts';

const PURPOSE = {
  description: 'random-merge',
  kind: 0,
  priority: Priority.high,
};

/** Makes the scheduler. */
export function randomMergeScheduler(): Scheduler {
  return {
    name: 'random-merge-scheduler',
    isAllowed: ({ operators, config }) =>
      operators.countOf(OperatorKind.merge) < config.mergeScheduleLimit,
    schedule(context) {
      const { cluster, config, rng } = context;
      const store = pickStore(context, storesPassing(context, isRegionSource));
      if (store === undefined) return [];
      const region = cluster.randomRegion(store, 'leaders', rng);
      if (region === undefined) return [];
      const target = pickNeighbour(context, region);
      if (target === undefined || !mayMerge(config, region, target)) return [];
      for (const side of [region, target]) {
        if (!isHealthy(side) || !isReplicated(side, config.maxReplicas)) return [];
      }
      const operators = mergeOperators(context, PURPOSE, region, target);
      return typeof operators === 'string' ? [] : operators;
    },
  };
}

/** The region behind; in half of the cases, or if there is none, the one before. */
function pickNeighbour(
  { cluster, config, rng }: ScheduleContext,
  region: RegionHeartbeat,
): RegionHeartbeat | undefined {
  const [before, behind] = cluster.neighbours(region);
  if (config.oneWayMerge) return behind;
  const wantsBefore = rng.chance(1, 2) && before !== undefined;
  return wantsBefore || behind === undefined ? before : behind;
}
