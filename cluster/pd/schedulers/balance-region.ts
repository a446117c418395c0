/**
 * Evens out how much data the stores have. From the fullest store on, a peer is looked for that can
 * go: one that lags behind, else a follower, else a leader. It goes to the emptiest store that the
 * region is not on yet, if that is worth it: if, after the move and all that are under way, the
 * giver still has more than the taker.
 *
 * The score of a store is the sum of its regions' sizes. PD's formula bends that where disks run
 * full; the stores here have disks alike, and low space is a filter. Source: PD
 * `schedulers/balance_region.go`, `balancePlan.shouldBalance`.
 */
import type { RoleOnStore } from '../basic-cluster.ts';
import { movePeerOperator } from '../create-operator.ts';
import { isRegionSource, isRegionTarget, storesPassing } from '../filters.ts';
import type { RegionHeartbeat } from '../heartbeat.ts';
import type { Influence } from '../influence.ts';
import { type Operator, OperatorKind } from '../operator.ts';
import { isHealthy, isReplicated, peerOn } from '../region-view.ts';
import type { ScheduleContext } from '../schedule-context.ts';
import type { StoreInfo } from '../store-info.ts';
import { RetryQuota } from './retry-quota.ts';
import type { Scheduler } from './scheduler.ts';

const PURPOSE = { description: 'balance-region', kind: OperatorKind.region };

/** In this order peers are looked for; those that lag may mean that the store is overloaded. */
const ROLES: readonly RoleOnStore[] = ['pending', 'followers', 'leaders'];

/** With fewer regions than this, empty ones are worth moving too. */
const SMALL_CLUSTER = 100;

/** Makes the scheduler. */
export function balanceRegionScheduler(): Scheduler {
  const quota = new RetryQuota();
  return {
    name: 'balance-region-scheduler',
    isAllowed: ({ operators, config }) =>
      operators.countOf(OperatorKind.region) < config.regionScheduleLimit,
    schedule(context) {
      const operator = new RegionBalance(context).run(quota);
      return operator === undefined ? [] : [operator];
    },
  };
}

/** One run. */
class RegionBalance {
  private readonly context: ScheduleContext;
  private readonly influence: Influence;

  constructor(context: ScheduleContext) {
    this.context = context;
    this.influence = context.operators.influence();
  }

  run(quota: RetryQuota): Operator | undefined {
    const sources = storesPassing(this.context, isRegionSource);
    for (const source of sources.sort((a, b) => this.score(b) - this.score(a) || a.id - b.id)) {
      for (let tries = quota.of(source.id); tries > 0; tries--) {
        const operator = this.moveFrom(source);
        if (operator === undefined) continue;
        quota.reset(source.id);
        return operator;
      }
      quota.attenuate(source.id);
    }
    return undefined;
  }

  /** Bytes that the store will have. */
  private score({ id, regionBytes }: StoreInfo): number {
    return regionBytes + this.influence.on(id).regionBytes;
  }

  private moveFrom(source: StoreInfo): Operator | undefined {
    const region = this.pickRegion(source);
    if (region === undefined) return undefined;
    const targets = storesPassing(this.context, isRegionTarget)
      .filter(({ id }) => peerOn(region, id) === undefined)
      .sort((a, b) => this.score(a) - this.score(b) || a.id - b.id);
    for (const target of targets) {
      if (!this.isWorthIt(region, source, target)) continue;
      const operator = movePeerOperator(this.context, PURPOSE, region, source.id, target.id);
      if (typeof operator !== 'string') return operator;
    }
    return undefined;
  }

  private pickRegion(source: StoreInfo): RegionHeartbeat | undefined {
    const { cluster, rng, config } = this.context;
    const isSmall = cluster.regionCount < SMALL_CLUSTER;
    for (const role of ROLES) {
      const region = cluster.randomRegion(source, role, rng, (one) => {
        const isWell = role === 'pending' ? one.downPeers.length === 0 : isHealthy(one);
        const isWorthy = isSmall || one.approximateSizeBytes > config.emptyRegionBytes;
        return isWell && isWorthy && isReplicated(one, config.maxReplicas);
      });
      if (region !== undefined) return region;
    }
    return undefined;
  }

  private isWorthIt(region: RegionHeartbeat, source: StoreInfo, target: StoreInfo): boolean {
    const { cluster } = this.context;
    const bytes = Math.max(region.approximateSizeBytes, cluster.averageRegionBytes);
    const tolerated = bytes * this.toleranceRatio();
    const leaving = Math.abs(this.influence.on(source.id).regionBytes);
    const coming = Math.abs(this.influence.on(target.id).regionBytes);
    return source.regionBytes - leaving - tolerated > target.regionBytes + coming + tolerated;
  }

  /** Half a percent of the regions on the fullest store, but at least one. */
  private toleranceRatio(): number {
    const { config, cluster } = this.context;
    if (config.tolerantSizeRatio > 0) return config.tolerantSizeRatio;
    const most = Math.max(...cluster.stores.map(({ regionCount }) => regionCount));
    return Math.max(1, most / 200);
  }
}
