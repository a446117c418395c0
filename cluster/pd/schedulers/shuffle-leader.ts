/**
 * Moves leaders about at random, for the sake of trouble: a random store that may lead gets the
 * leadership of a random healthy region that it follows. Transfers are by decree, so they do not
 * count against the leader limit, and the scheduler goes on as fast as it may. Source: PD
 * `schedulers/shuffle_leader.go`.
 */
import { transferLeaderOperator } from '../create-operator.ts';
import { isLeaderTarget, pickStore, storesPassing } from '../filters.ts';
import { OperatorKind, Priority } from '../operator.ts';
import type { Scheduler } from './scheduler.ts';

const PURPOSE = {
  description: 'shuffle-leader',
  kind: OperatorKind.admin,
  priority: Priority.high,
};

/** Makes the scheduler. */
export function shuffleLeaderScheduler(): Scheduler {
  return {
    name: 'shuffle-leader-scheduler',
    isAllowed: ({ operators, config }) =>
      operators.countOf(OperatorKind.leader) < config.leaderScheduleLimit,
    schedule(context) {
      const { cluster, rng } = context;
      const target = pickStore(context, storesPassing(context, isLeaderTarget));
      if (target === undefined) return [];
      const region = cluster.randomRegion(target, 'followers', rng);
      if (region === undefined) return [];
      const operator = transferLeaderOperator(context, PURPOSE, region, target.id);
      return typeof operator === 'string' ? [] : [operator];
    },
  };
}
