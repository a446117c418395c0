/**
 * Moves peers about at random. The stores are gone through in random order until one has a healthy
 * region with all its replicas that it follows, or else leads; the peer there moves to a random
 * store that has none of the region yet. Each move copies the region, so the stores' limits are
 * what holds it back. Source: PD `schedulers/shuffle_region.go`.
 */
import type { RoleOnStore } from '../basic-cluster.ts';
import { movePeerOperator } from '../create-operator.ts';
import { isRegionSource, isRegionTarget, pickStore, storesPassing } from '../filters.ts';
import type { RegionHeartbeat } from '../heartbeat.ts';
import { OperatorKind, Priority } from '../operator.ts';
import { isHealthy, isReplicated, peerOn } from '../region-view.ts';
import type { ScheduleContext } from '../schedule-context.ts';
import type { StoreInfo } from '../store-info.ts';
import type { Scheduler } from './scheduler.ts';

const PURPOSE = {
  description: 'shuffle-region',
  kind: OperatorKind.region,
  priority: Priority.high,
};

/** A follower is moved rather than a leader; a region with learners is not fully replicated. */
const ROLES: readonly RoleOnStore[] = ['followers', 'leaders'];

/** Makes the scheduler. */
export function shuffleRegionScheduler(): Scheduler {
  return {
    name: 'shuffle-region-scheduler',
    isAllowed: ({ operators, config }) =>
      operators.countOf(OperatorKind.region) < config.regionScheduleLimit,
    schedule(context) {
      const found = findPeer(context);
      if (found === undefined) return [];
      const [source, region] = found;
      const free = storesPassing(context, isRegionTarget).filter(
        ({ id }) => peerOn(region, id) === undefined,
      );
      const target = pickStore(context, free);
      if (target === undefined) return [];
      const operator = movePeerOperator(context, PURPOSE, region, source.id, target.id);
      return typeof operator === 'string' ? [] : [operator];
    },
  };
}

/** A peer to move: a store and a region it has a peer of. */
function findPeer(
  context: ScheduleContext,
): [store: StoreInfo, region: RegionHeartbeat] | undefined {
  const { cluster, config, rng } = context;
  const accept = (region: RegionHeartbeat): boolean =>
    isHealthy(region) && isReplicated(region, config.maxReplicas);
  for (const store of shuffled(context, storesPassing(context, isRegionSource))) {
    for (const role of ROLES) {
      const region = cluster.randomRegion(store, role, rng, accept);
      if (region !== undefined) return [store, region];
    }
  }
  return undefined;
}

/** Fisher and Yates. */
function shuffled({ rng }: ScheduleContext, stores: readonly StoreInfo[]): StoreInfo[] {
  const order = [...stores];
  for (let last = order.length - 1; last > 0; last--) {
    const other = rng.nextInt(last + 1);
    const store = order[last] as StoreInfo;
    order[last] = order[other] as StoreInfo;
    order[other] = store;
  }
  return order;
}
