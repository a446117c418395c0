/**
 * The steps that operators are made of. A step is a state of the region that is to be reached,
 * together with the command that brings its leader to reach it: PD compares each heartbeat with the
 * state, and repeats the command until they agree. Nothing is remembered about what has been sent:
 * a command that was lost is given again, and one that was obeyed already is void, since it names
 * the epoch of before. Source: PD `operator/step.go`.
 */
import type { PeerInfo } from '../tikv/request.ts';
import type { BasicCluster } from './basic-cluster.ts';
import type { PeerWish, RegionHeartbeat, RegionHeartbeatResponse } from './heartbeat.ts';
import type { Influence } from './influence.ts';
import { isPending, isVoter, leaderPeer, leaderStore, peerOn } from './region-view.ts';

const SECOND_US = 1_000_000;

/** What the leader is told, without the region it is told about. */
export type StepCommand = RegionHeartbeatResponse extends infer Response
  ? Response extends { kind: string }
    ? Omit<Response, 'region' | 'epoch'>
    : never
  : never;

/** One step of an operator. */
export interface Step {
  /** For people: `add learner 7 on store 4`. */
  describe(): string;
  /** Whether the region is as it should be after the step. */
  isFinished(region: RegionHeartbeat): boolean;
  /**
   * By how much the step, as far as it has taken effect, has raised the region's `confVer`. Any
   * more is the work of somebody else, and the operator's picture of the region is out of date.
   */
  confVerChanged(region: RegionHeartbeat): number;
  /** Why the step cannot be taken any more, if so. */
  obstacle(region: RegionHeartbeat, cluster: BasicCluster): string | undefined;
  /** What the region's leader is told; undefined if there is nothing to do but wait. */
  command(region: RegionHeartbeat): StepCommand | undefined;
  /** How long it may take with a region of so many megabytes, µs. */
  timeoutUs(megabytes: number): number;
  /** Adds what the step will have done to the stores; `cost` is of their limits. */
  influence(on: Influence, bytes: number, cost: number): void;
  /** Whether it is done in no time, so that it is worth asking again soon. */
  readonly isFast: boolean;
}

/** Time for a step that moves no data: 10 s, or 0.1 s a megabyte if that is more. */
export function fastStepUs(megabytes: number): number {
  return Math.max(10 * SECOND_US, Math.floor((megabytes * SECOND_US) / 10));
}

/** Time for a step that copies a region: 10 minutes, or 6 s a megabyte if that is more. */
function slowStepUs(megabytes: number): number {
  return Math.max(600 * SECOND_US, Math.floor(megabytes * 6 * SECOND_US));
}

/** A peer by its id and where it is, or is to be. */
export type PeerPlace = PeerWish['peer'];

/** The peer of that id where it should be, if the region has it. */
export function placed(region: RegionHeartbeat, { id, store }: PeerPlace): PeerInfo | undefined {
  const peer = peerOn(region, store);
  return peer?.id === id ? peer : undefined;
}

/** Why a peer cannot be put on the store: another one is there, or the store is gone. */
function occupied(
  region: RegionHeartbeat,
  cluster: BasicCluster,
  place: PeerPlace,
): string | undefined {
  const there = peerOn(region, place.store);
  if (there !== undefined && there.id !== place.id) {
    return `peer ${there.id} is already on store ${place.store}`;
  }
  const store = cluster.store(place.store);
  if (store === undefined || store.isRemoving || store.isTombstone) {
    return `store ${place.store} takes no peers`;
  }
  return undefined;
}

/** The leadership goes to another voter. */
export class TransferLeader implements Step {
  readonly isFast = true;
  private readonly from: number;
  private readonly to: PeerPlace;

  constructor(from: number, to: PeerPlace) {
    this.from = from;
    this.to = to;
  }

  describe(): string {
    return `transfer leader from store ${this.from} to store ${this.to.store}`;
  }

  isFinished(region: RegionHeartbeat): boolean {
    return leaderStore(region) === this.to.store;
  }

  confVerChanged(): number {
    return 0;
  }

  obstacle(region: RegionHeartbeat): string | undefined {
    const peer = placed(region, this.to);
    return peer === undefined ? `no peer on store ${this.to.store}` : undefined;
  }

  command(): StepCommand {
    return { kind: 'transfer-leader', peer: this.to.id };
  }

  timeoutUs(megabytes: number): number {
    return fastStepUs(megabytes);
  }

  influence(on: Influence): void {
    on.of(this.from).leaderCount--;
    on.of(this.to.store).leaderCount++;
  }
}

/** A peer without a vote is created, and fetches the data. The step ends when it has caught up. */
export class AddLearner implements Step {
  readonly isFast = false;
  private readonly place: PeerPlace;

  constructor(place: PeerPlace) {
    this.place = place;
  }

  describe(): string {
    return `add learner ${this.place.id} on store ${this.place.store}`;
  }

  isFinished(region: RegionHeartbeat): boolean {
    const peer = placed(region, this.place);
    return peer?.role === 'learner' && !isPending(region, peer.id);
  }

  confVerChanged(region: RegionHeartbeat): number {
    return placed(region, this.place) === undefined ? 0 : 1;
  }

  obstacle(region: RegionHeartbeat, cluster: BasicCluster): string | undefined {
    return occupied(region, cluster, this.place);
  }

  /** Nothing while the learner catches up: an addition obeyed twice would count as two changes. */
  command(region: RegionHeartbeat): StepCommand | undefined {
    if (placed(region, this.place) !== undefined) return undefined;
    return { kind: 'change-peer', wishes: [{ kind: 'add-learner', peer: this.place }] };
  }

  timeoutUs(megabytes: number): number {
    return slowStepUs(megabytes);
  }

  influence(on: Influence, bytes: number, cost: number): void {
    const store = on.of(this.place.store);
    store.regionBytes += bytes;
    store.addCost += cost;
  }
}

/** A learner gets a vote. */
export class PromoteLearner implements Step {
  readonly isFast = true;
  private readonly place: PeerPlace;

  constructor(place: PeerPlace) {
    this.place = place;
  }

  describe(): string {
    return `promote learner ${this.place.id} on store ${this.place.store}`;
  }

  isFinished(region: RegionHeartbeat): boolean {
    return placed(region, this.place)?.role === 'voter';
  }

  confVerChanged(region: RegionHeartbeat): number {
    const peer = placed(region, this.place);
    return peer !== undefined && isVoter(peer) ? 1 : 0;
  }

  obstacle(region: RegionHeartbeat): string | undefined {
    const peer = placed(region, this.place);
    return peer === undefined ? `no learner ${this.place.id}` : undefined;
  }

  command(): StepCommand {
    return { kind: 'change-peer', wishes: [{ kind: 'add-voter', peer: this.place }] };
  }

  timeoutUs(megabytes: number): number {
    return fastStepUs(megabytes);
  }

  influence(): void {}
}

/** A peer is removed, whatever its role. */
export class RemovePeer implements Step {
  readonly isFast = false;
  private readonly place: PeerPlace;

  constructor(place: PeerPlace) {
    this.place = place;
  }

  describe(): string {
    return `remove peer ${this.place.id} on store ${this.place.store}`;
  }

  isFinished(region: RegionHeartbeat): boolean {
    return placed(region, this.place) === undefined;
  }

  confVerChanged(region: RegionHeartbeat): number {
    return this.isFinished(region) ? 1 : 0;
  }

  obstacle(region: RegionHeartbeat): string | undefined {
    const leads = leaderPeer(region).id === this.place.id;
    return leads ? 'a leader cannot be removed' : undefined;
  }

  command(): StepCommand {
    return { kind: 'change-peer', wishes: [{ kind: 'remove', peer: this.place }] };
  }

  timeoutUs(megabytes: number): number {
    return fastStepUs(megabytes);
  }

  influence(on: Influence, bytes: number, cost: number): void {
    const store = on.of(this.place.store);
    store.regionBytes -= bytes;
    store.removeCost += cost;
  }
}

/** The region is split in the middle. */
export class SplitRegion implements Step {
  readonly isFast = false;
  private readonly startKey: string;
  private readonly endKey: string;

  constructor({ startKey, endKey }: { startKey: string; endKey: string }) {
    this.startKey = startKey;
    this.endKey = endKey;
  }

  describe(): string {
    return 'split region';
  }

  isFinished({ region }: RegionHeartbeat): boolean {
    return region.startKey !== this.startKey || region.endKey !== this.endKey;
  }

  confVerChanged(): number {
    return 0;
  }

  obstacle(): undefined {
    return undefined;
  }

  command(): StepCommand {
    return { kind: 'split-region' };
  }

  timeoutUs(megabytes: number): number {
    return fastStepUs(megabytes);
  }

  influence(): void {}
}
