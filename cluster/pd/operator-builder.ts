/**
 * From where a region's voters are, and where they should be, to the steps that lead there:
 *
 * 1. A new voter begins as a learner, which fetches the data without counting towards any majority.
 * 2. One voter more or less is a simple change. Anything else is a joint one, in which learners are
 *    promoted and voters demoted at once.
 * 3. What was demoted is removed.
 *
 * A leader that is to go hands over first: before the joint change to a voter that stays, or, if
 * none does, in the midst of it to one that comes. Source: PD `operator/builder.go`.
 */
import type { PeerInfo } from '../tikv/request.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import { EnterJoint, LeaveJoint } from './joint-steps.ts';
import { OperatorKind } from './operator.ts';
import { isInJointState, isVoter, leaderPeer, leaderStore, peerOn } from './region-view.ts';
import type { ScheduleContext } from './schedule-context.ts';
import {
  AddLearner,
  type PeerPlace,
  PromoteLearner,
  RemovePeer,
  type Step,
  TransferLeader,
} from './steps.ts';

/** Steps, and the flags of `OperatorKind` that they bring. */
export interface Route {
  readonly steps: readonly Step[];
  readonly kind: number;
}

/** Why there is no operator, in words. */
export type Refusal = string;

/**
 * The steps after which exactly these stores have a voter and no store has anything else. The
 * present leader stays if it can.
 */
export function routeTo(
  context: ScheduleContext,
  region: RegionHeartbeat,
  stores: readonly number[],
): Route | Refusal {
  if (isInJointState(region)) return 'the region is in a joint state';
  const leader = chooseLeader(context, region, stores);
  if (leader === undefined) return 'no store may lead the region';
  const changes = changesTo(context, region, stores);
  const steps = new StepList(region, changes);
  for (const peer of changes.add) steps.push(new AddLearner(peer));
  if (changes.promote.length + changes.demote.length > 1) steps.changeJointly(leader);
  else steps.changeSimply(leader);
  for (const peer of [...changes.demote, ...changes.remove]) steps.push(new RemovePeer(peer));
  if (steps.steps.length === 0) return 'there is nothing to do';
  return steps;
}

/** The steps that end a joint state that somebody has left the region in. */
export function routeOutOfJoint(
  context: ScheduleContext,
  region: RegionHeartbeat,
): Route | Refusal {
  const { peers } = region.region;
  const promote = peers.filter(({ role }) => role === 'incoming-voter').map(place);
  const demote = peers.filter(({ role }) => role === 'demoting-voter').map(place);
  if (promote.length + demote.length === 0) return 'the region is in no joint state';
  const changes = { add: [], promote, demote, remove: [] };
  const stores = peers.filter(staysVoter).map(({ store }) => store);
  const leader = chooseLeader(context, region, stores) ?? stores[0];
  if (leader === undefined) return 'no store may lead the region';
  const steps = new StepList(region, changes);
  steps.transferTo(leader);
  steps.push(new LeaveJoint(changes));
  return steps;
}

interface Changes {
  /** New peers, as learners. */
  readonly add: readonly PeerPlace[];
  /** Learners that become voters, the new ones included. */
  readonly promote: readonly PeerPlace[];
  /** Voters that are to go. */
  readonly demote: readonly PeerPlace[];
  /** Learners that are to go. */
  readonly remove: readonly PeerPlace[];
}

function changesTo(
  { allocId }: ScheduleContext,
  region: RegionHeartbeat,
  stores: readonly number[],
): Changes {
  const { peers } = region.region;
  const add = stores
    .filter((store) => peerOn(region, store) === undefined)
    .map((store) => ({ id: allocId(), store }));
  const staying = (peer: PeerInfo): boolean => stores.includes(peer.store);
  return {
    add,
    promote: [...peers.filter((peer) => staying(peer) && !isVoter(peer)).map(place), ...add],
    demote: peers.filter((peer) => !staying(peer) && isVoter(peer)).map(place),
    remove: peers.filter((peer) => !staying(peer) && !isVoter(peer)).map(place),
  };
}

class StepList implements Route {
  readonly steps: Step[] = [];
  kind = 0;
  private readonly region: RegionHeartbeat;
  private readonly changes: Changes;
  private leader: number;

  constructor(region: RegionHeartbeat, changes: Changes) {
    this.region = region;
    this.changes = changes;
    this.leader = leaderStore(region);
    if (changes.add.length + changes.remove.length > 0) this.kind |= OperatorKind.region;
  }

  push(step: Step): void {
    this.steps.push(step);
  }

  /** One voter comes or goes, or only the leader changes. */
  changeSimply(leader: number): void {
    const { promote, demote } = this.changes;
    for (const learner of promote) this.push(new PromoteLearner(learner));
    if (promote.length + demote.length > 0) this.kind |= OperatorKind.region;
    this.transferTo(leader);
  }

  /** The leadership moves when both the old leader and the new one have a vote. */
  changeJointly(leader: number): void {
    const { promote, demote } = this.changes;
    const change = { promote, demote };
    const voted = this.isVoterNow(leader);
    const stays = !demote.some(({ store }) => store === this.leader);
    this.kind |= OperatorKind.region;
    if (voted) this.transferTo(leader);
    this.push(new EnterJoint(change));
    if (!voted && !stays) this.transferTo(leader);
    this.push(new LeaveJoint(change));
    this.transferTo(leader);
  }

  /** Nothing happens if that store leads already. */
  transferTo(store: number): void {
    if (store === this.leader) return;
    const coming = this.changes.promote.find((learner) => learner.store === store);
    const peer = coming ?? peerOn(this.region, store);
    if (peer === undefined) return;
    this.push(new TransferLeader(this.leader, place(peer)));
    this.leader = store;
    this.kind |= OperatorKind.leader;
  }

  private isVoterNow(store: number): boolean {
    const peer = peerOn(this.region, store);
    return peer !== undefined && isVoter(peer);
  }
}

function place({ id, store }: PeerPlace): PeerPlace {
  return { id, store };
}

function staysVoter({ role }: PeerInfo): boolean {
  return role === 'voter' || role === 'incoming-voter';
}

/**
 * The store that leads afterwards, among those that have a voter then: the present one if it may,
 * else one that has a vote already rather than one that gets it.
 */
function chooseLeader(
  context: ScheduleContext,
  region: RegionHeartbeat,
  stores: readonly number[],
): number | undefined {
  const present = leaderPeer(region);
  if (stores.includes(present.store) && staysVoter(present)) return present.store;
  const able = stores.filter((store) => mayLead(context, region, store));
  const sorted = able.sort((a, b) => a - b);
  const votes = (store: number): boolean => peerOn(region, store)?.role === 'voter';
  return sorted.find(votes) ?? sorted[0];
}

function mayLead(
  { cluster, nowUs }: ScheduleContext,
  { region, downPeers, pendingPeers }: RegionHeartbeat,
  id: number,
): boolean {
  const store = cluster.store(id);
  if (store?.state(nowUs) !== 'up' || store.isBusy) return false;
  const peer = region.peers.find((candidate) => candidate.store === id);
  return peer === undefined || !(downPeers.includes(peer.id) || pendingPeers.includes(peer.id));
}
