/**
 * Sees to it that every region has its replicas on stores that are there to stay. In this order:
 *
 * 1. a peer that its leader calls down, on a store silent for 30 minutes: move it elsewhere;
 * 2. a peer on a store that is being removed: move it elsewhere;
 * 3. too few voters: promote a learner that has caught up, or else add one;
 * 4. too many voters: remove one, from the fullest store;
 * 5. learners that nobody needs, left by an operator that was cancelled: remove them.
 *
 * Where there are voters to spare, 1 and 2 remove instead of moving. One operator at a time; the
 * next look finds what is left. Source: PD `checker/replica_checker.go`, and what `rule_checker.go`
 * does where the only rule is the number of voters.
 */
import {
  addVoterOperator,
  movePeerOperator,
  type Purpose,
  removePeerOperator,
} from '../create-operator.ts';
import { isRegionTarget, storesPassing } from '../filters.ts';
import type { RegionHeartbeat } from '../heartbeat.ts';
import { type Operator, OperatorKind } from '../operator.ts';
import type { Refusal } from '../operator-builder.ts';
import { isPending, isReplicated, isVoter, peerOn } from '../region-view.ts';
import type { ScheduleContext } from '../schedule-context.ts';
import type { StoreInfo } from '../store-info.ts';
import { stepCost } from '../store-limit.ts';

/** The operator that a region needs most, if it needs any and one can be had. */
export function checkReplicas(
  context: ScheduleContext,
  region: RegionHeartbeat,
): Operator | undefined {
  const { cluster, config } = context;
  const isWhole = isReplicated(region, config.maxReplicas) && region.downPeers.length === 0;
  if (isWhole && !cluster.isScalingIn) return undefined;
  const check = new ReplicaCheck(context, region);
  const operator =
    check.downPeer() ?? check.offlinePeer() ?? check.missingVoter() ?? check.extraPeer();
  return typeof operator === 'string' ? undefined : operator;
}

type Found = Operator | Refusal | undefined;

class ReplicaCheck {
  private readonly context: ScheduleContext;
  private readonly region: RegionHeartbeat;
  private readonly voters: readonly number[];
  private readonly learners: readonly number[];

  constructor(context: ScheduleContext, region: RegionHeartbeat) {
    this.context = context;
    this.region = region;
    const { peers } = region.region;
    this.voters = peers.filter(isVoter).map(({ store }) => store);
    this.learners = peers.filter((peer) => !isVoter(peer)).map(({ store }) => store);
  }

  downPeer(): Found {
    const { cluster, nowUs } = this.context;
    const { region, downPeers } = this.region;
    for (const { id, store } of region.peers) {
      if (!downPeers.includes(id) || cluster.store(store)?.isDown(nowUs) !== true) continue;
      return this.replace(store, 'down');
    }
    return undefined;
  }

  offlinePeer(): Found {
    const { cluster } = this.context;
    if (this.learners.length > 0) return undefined;
    const leaving = this.voters.find((store) => cluster.store(store)?.isRemoving === true);
    return leaving === undefined ? undefined : this.replace(leaving, 'offline');
  }

  missingVoter(): Found {
    if (this.voters.length >= this.context.config.maxReplicas) return undefined;
    const { region } = this.region;
    const ready = region.peers.find(
      (peer) => !isVoter(peer) && !isPending(this.region, peer.id) && this.isAlive(peer.store),
    );
    const target = ready?.store ?? this.emptiestTarget();
    if (target === undefined) return 'no store can take a peer';
    const purpose = repair(ready === undefined ? 'make-up-replica' : 'promote-learner');
    return addVoterOperator(this.context, purpose, this.region, target);
  }

  extraPeer(): Found {
    const isExtra = this.voters.length > this.context.config.maxReplicas;
    if (isExtra) return this.remove(this.fullest(this.voters), 'remove-extra-replica');
    const { region, downPeers, pendingPeers } = this.region;
    const votes = region.peers.filter(isVoter).map(({ id }) => id);
    if (votes.some((id) => downPeers.includes(id) || pendingPeers.includes(id))) return undefined;
    return this.remove(this.learners[0], 'remove-orphan-peer');
  }

  private replace(store: number, why: 'down' | 'offline'): Found {
    if (this.learners.includes(store)) return this.remove(store, `remove-${why}-learner`);
    if (this.voters.length > this.context.config.maxReplicas) {
      return this.remove(store, `remove-extra-${why}-replica`);
    }
    if (this.isAtLimit(store)) return `store ${store} is at its limit`;
    const target = this.emptiestTarget();
    if (target === undefined) return 'no store can take a peer';
    const purpose = repair(`replace-${why}-replica`);
    return movePeerOperator(this.context, purpose, this.region, store, target);
  }

  private remove(store: number | undefined, description: string): Found {
    if (store === undefined) return undefined;
    return removePeerOperator(this.context, repair(description), this.region, store);
  }

  /** Asked before any id is spent on a new peer. */
  private isAtLimit(id: number): boolean {
    const { cluster, config, nowUs } = this.context;
    const cost = stepCost(this.region.approximateSizeBytes, config);
    return cluster.store(id)?.removeLimit.isAvailable(nowUs, cost) !== true;
  }

  private emptiestTarget(): number | undefined {
    const free = storesPassing(this.context, isRegionTarget).filter(
      ({ id }) => peerOn(this.region, id) === undefined,
    );
    return mostBy(free, ({ regionBytes }) => -regionBytes)?.id;
  }

  private fullest(stores: readonly number[]): number | undefined {
    const { cluster } = this.context;
    const known = cluster.stores.filter(({ id }) => stores.includes(id));
    return mostBy(known, ({ regionBytes }) => regionBytes)?.id;
  }

  private isAlive(store: number): boolean {
    return this.context.cluster.store(store)?.state(this.context.nowUs) === 'up';
  }
}

function repair(description: string): Purpose {
  return { description, kind: OperatorKind.replica };
}

/** The store with the greatest score; of equals, the one with the least id. */
function mostBy(
  stores: readonly StoreInfo[],
  score: (store: StoreInfo) => number,
): StoreInfo | undefined {
  let most: StoreInfo | undefined;
  for (const store of stores) {
    if (most === undefined || score(store) > score(most)) most = store;
  }
  return most;
}
