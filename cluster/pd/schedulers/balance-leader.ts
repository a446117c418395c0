/**
 * Evens out how many leaders the stores have. From the store with the most a leadership is given
 * away, to the store with the fewest one is brought, in turn, up to four in one run. A transfer
 * must be worth it: the giver must have more than ten leaders more than the taker, with what is
 * under way already counted, or small differences would be pushed round for ever. Source: PD
 * `schedulers/balance_leader.go`, `balancePlan.shouldBalance`.
 */
import { transferLeaderOperator } from '../create-operator.ts';
import { isLeaderSource, isLeaderTarget, storesPassing } from '../filters.ts';
import type { RegionHeartbeat } from '../heartbeat.ts';
import type { Influence } from '../influence.ts';
import { type Operator, OperatorKind } from '../operator.ts';
import { isHealthy, isVoter, leaderStore } from '../region-view.ts';
import type { ScheduleContext } from '../schedule-context.ts';
import type { StoreInfo } from '../store-info.ts';
import { RetryQuota } from './retry-quota.ts';
import type { Scheduler } from './scheduler.ts';

const PURPOSE = { description: 'balance-leader', kind: OperatorKind.leader };

/** Transfers in one run. */
const BATCH = 4;
/** Leaders that giver and taker are each spared. */
const TOLERANCE = 5;

/** Makes the scheduler. */
export function balanceLeaderScheduler(): Scheduler {
  const quota = new RetryQuota();
  return {
    name: 'balance-leader-scheduler',
    isAllowed: ({ operators, config }) =>
      operators.countOf(OperatorKind.leader) < config.leaderScheduleLimit,
    schedule: (context) => new LeaderBalance(context, quota).run(),
  };
}

/** One run. */
class LeaderBalance {
  private readonly context: ScheduleContext;
  private readonly quota: RetryQuota;
  private readonly influence: Influence;
  private readonly used = new Set<number>();

  constructor(context: ScheduleContext, quota: RetryQuota) {
    this.context = context;
    this.quota = quota;
    this.influence = context.operators.influence();
  }

  run(): Operator[] {
    let sources = storesPassing(this.context, isLeaderSource);
    let targets = storesPassing(this.context, isLeaderTarget);
    const found: Operator[] = [];
    while (found.length < BATCH && sources.length + targets.length > 0) {
      const richest = this.extreme(sources, -1);
      if (richest !== undefined && !this.serve(richest, (store) => this.give(store), found)) {
        sources = sources.filter((store) => store !== richest);
      }
      if (found.length >= BATCH) break;
      const poorest = this.extreme(targets, 1);
      if (poorest !== undefined && !this.serve(poorest, (store) => this.take(store), found)) {
        targets = targets.filter((store) => store !== poorest);
      }
    }
    return found;
  }

  /** The store with the fewest leaders, or with `sign` −1 the most; the first of equals. */
  private extreme(stores: readonly StoreInfo[], sign: 1 | -1): StoreInfo | undefined {
    let best: StoreInfo | undefined;
    for (const store of stores) {
      if (best === undefined || sign * (this.leaders(store) - this.leaders(best)) < 0) best = store;
    }
    return best;
  }

  /** Leaders that the store will have. */
  private leaders({ id, leaders }: StoreInfo): number {
    return leaders.size + this.influence.on(id).leaderCount;
  }

  /** Tries to find a transfer for one store, as often as it deserves. */
  private serve(
    store: StoreInfo,
    find: (store: StoreInfo) => Operator | undefined,
    found: Operator[],
  ): boolean {
    for (let tries = this.quota.of(store.id); tries > 0; tries--) {
      const operator = find(store);
      if (operator === undefined) continue;
      this.quota.reset(store.id);
      operator.influence(this.influence);
      this.used.add(operator.region);
      found.push(operator);
      return true;
    }
    this.quota.attenuate(store.id);
    return false;
  }

  private give(source: StoreInfo): Operator | undefined {
    const { cluster, rng } = this.context;
    const region = cluster.randomRegion(source, 'leaders', rng, (one) => this.isFree(one));
    if (region === undefined) return undefined;
    const followers = storesPassing(this.context, isLeaderTarget)
      .filter(({ id }) => id !== source.id && hasVoterOn(region, id))
      .sort((a, b) => this.leaders(a) - this.leaders(b) || a.id - b.id);
    for (const target of followers) {
      const operator = this.transfer(region, source, target);
      if (operator !== undefined) return operator;
    }
    return undefined;
  }

  private take(target: StoreInfo): Operator | undefined {
    const { cluster, rng } = this.context;
    const region = cluster.randomRegion(target, 'followers', rng, (one) => this.isFree(one));
    const source = region === undefined ? undefined : cluster.store(leaderStore(region));
    if (region === undefined || source === undefined) return undefined;
    return this.transfer(region, source, target);
  }

  private isFree(region: RegionHeartbeat): boolean {
    return isHealthy(region) && !this.used.has(region.region.id);
  }

  private transfer(
    region: RegionHeartbeat,
    source: StoreInfo,
    target: StoreInfo,
  ): Operator | undefined {
    if (!this.isWorthIt(source, target)) return undefined;
    const operator = transferLeaderOperator(this.context, PURPOSE, region, target.id);
    return typeof operator === 'string' ? undefined : operator;
  }

  /** What is under way counts against the transfer, in whichever direction it goes. */
  private isWorthIt(source: StoreInfo, target: StoreInfo): boolean {
    const leaving = Math.abs(this.influence.on(source.id).leaderCount);
    const coming = Math.abs(this.influence.on(target.id).leaderCount);
    return source.leaders.size - leaving - TOLERANCE > target.leaders.size + coming + TOLERANCE;
  }
}

function hasVoterOn({ region }: RegionHeartbeat, store: number): boolean {
  return region.peers.some((peer) => peer.store === store && isVoter(peer));
}
