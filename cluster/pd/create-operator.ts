/** The operators that schedulers and checkers ask for. Source: PD `operator/create_operator.go`. */
import type { RegionHeartbeat } from './heartbeat.ts';
import { MergeRegion } from './merge-step.ts';
import { Operator, OperatorKind, Priority, type PriorityLevel } from './operator.ts';
import { type Refusal, type Route, routeOutOfJoint, routeTo } from './operator-builder.ts';
import { isInJointState, isVoter, leaderStore, peerOn } from './region-view.ts';
import type { ScheduleContext } from './schedule-context.ts';
import { SplitRegion, TransferLeader } from './steps.ts';

/** Who makes an operator, to what end, and how urgent it is. */
export interface Purpose {
  readonly description: string;
  /** Flags of {@link OperatorKind} beside those that the steps bring. */
  readonly kind: number;
  readonly priority?: PriorityLevel;
}

/** The leadership goes to a store that has a healthy voter. */
export function transferLeaderOperator(
  context: ScheduleContext,
  purpose: Purpose,
  region: RegionHeartbeat,
  store: number,
): Operator | Refusal {
  const peer = peerOn(region, store);
  if (peer === undefined || !isVoter(peer)) return `no voter on store ${store}`;
  const { downPeers, pendingPeers } = region;
  if (downPeers.includes(peer.id) || pendingPeers.includes(peer.id)) return 'the voter is not well';
  if (isInJointState(region)) return 'the region is in a joint state';
  const from = leaderStore(region);
  if (from === store) return `store ${store} leads already`;
  const steps = [new TransferLeader(from, { id: peer.id, store })];
  return make(context, purpose, region, { steps, kind: OperatorKind.leader });
}

/** A voter moves from one store to another. */
export function movePeerOperator(
  context: ScheduleContext,
  purpose: Purpose,
  region: RegionHeartbeat,
  from: number,
  to: number,
): Operator | Refusal {
  if (peerOn(region, from) === undefined) return `no peer on store ${from}`;
  if (peerOn(region, to) !== undefined) return `a peer is already on store ${to}`;
  const stores = voterStores(region).map((store) => (store === from ? to : store));
  return along(context, purpose, region, routeTo(context, region, stores));
}

/** The region gets a voter on a store; a learner there is promoted. */
export function addVoterOperator(
  context: ScheduleContext,
  purpose: Purpose,
  region: RegionHeartbeat,
  store: number,
): Operator | Refusal {
  const stores = [...voterStores(region), store];
  return along(context, purpose, region, routeTo(context, region, stores));
}

/** The region loses its peer on a store. */
export function removePeerOperator(
  context: ScheduleContext,
  purpose: Purpose,
  region: RegionHeartbeat,
  from: number,
): Operator | Refusal {
  const stores = voterStores(region).filter((store) => store !== from);
  return along(context, purpose, region, routeTo(context, region, stores));
}

/** A joint state that was left behind is ended. */
export function leaveJointOperator(
  context: ScheduleContext,
  purpose: Purpose,
  region: RegionHeartbeat,
): Operator | Refusal {
  return along(context, purpose, region, routeOutOfJoint(context, region));
}

/** The region is split in the middle. */
export function splitRegionOperator(
  context: ScheduleContext,
  purpose: Purpose,
  region: RegionHeartbeat,
): Operator {
  const steps = [new SplitRegion(region.region)];
  return make(context, purpose, region, { steps, kind: OperatorKind.split });
}

/**
 * The source becomes part of the target: the source's peers are first moved to where the target's
 * are. Two operators, the active one first.
 */
export function mergeOperators(
  context: ScheduleContext,
  purpose: Purpose,
  source: RegionHeartbeat,
  target: RegionHeartbeat,
): readonly [Operator, Operator] | Refusal {
  if (isInJointState(source) || isInJointState(target)) return 'a region is in a joint state';
  const stores = voterStores(target);
  if (stores.length !== target.region.peers.length) return 'the target has learners';
  const move = hasVotersOn(source, stores)
    ? { steps: [], kind: 0 }
    : routeTo(context, source, stores);
  if (typeof move === 'string') return move;
  const isUncounted = context.bugs.has('pd.mergeLimitIgnored');
  const kind = isUncounted ? move.kind : move.kind | OperatorKind.merge;
  const [from, to] = [source.region, target.region];
  const steps = [...move.steps, new MergeRegion(from, to, false)];
  const active = make(context, purpose, source, { steps, kind });
  const waiting = { steps: [new MergeRegion(from, to, true)], kind };
  const passive = make(context, purpose, target, waiting);
  active.twin = passive;
  passive.twin = active;
  return [active, passive];
}

/** The purpose of what an administrator decrees; such operators push others aside. */
export function decree(description: string): Purpose {
  return { description, kind: OperatorKind.admin, priority: Priority.urgent };
}

function voterStores({ region }: RegionHeartbeat): number[] {
  return region.peers.filter(isVoter).map(({ store }) => store);
}

function hasVotersOn(region: RegionHeartbeat, stores: readonly number[]): boolean {
  const { peers } = region.region;
  return peers.length === stores.length && stores.every((store) => peerOn(region, store));
}

function along(
  context: ScheduleContext,
  purpose: Purpose,
  region: RegionHeartbeat,
  route: Route | Refusal,
): Operator | Refusal {
  return typeof route === 'string' ? route : make(context, purpose, region, route);
}

function make(
  { nowUs, config }: ScheduleContext,
  purpose: Purpose,
  region: RegionHeartbeat,
  { steps, kind }: Route,
): Operator {
  const plan = { ...purpose, kind: purpose.kind | kind, region, steps };
  return new Operator(plan, nowUs, config);
}
