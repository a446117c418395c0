/**
 * The operators under way. One region has one operator at most, or else two schedulers would pull
 * its peers to and fro. The controller starts operators, has the region's leader told what the
 * present step wants, and ends them:
 *
 * ```
 *             limits, epoch        heartbeat or push
 *   created ──────────────▶ started ──────────────▶ finished
 *      │                       ├─ a step took too long ──────────────▶ timed-out
 *      ├─ waited 3 s: expired  ├─ the region is not what it was ─────▶ cancelled
 *      └─ refused              └─ one of a higher priority came ─────▶ replaced
 * ```
 *
 * A merge has two operators, one on each region, so that nobody else touches the target meanwhile.
 * When one of them ends badly the other must go too: left behind, it would block its region until
 * its own time is over.
 *
 * Source: PD `server/schedule/operator_controller.go` (v6.0.0).
 */
import type { Rng } from '../sim/index.ts';
import type { BasicCluster } from './basic-cluster.ts';
import type { RegionHeartbeat, RegionHeartbeatResponse } from './heartbeat.ts';
import { Influence } from './influence.ts';
import { NotifyQueue } from './notify-queue.ts';
import { type Operator, OperatorKind, type OperatorStatus, Priority } from './operator.ts';
import { OperatorCounters } from './operator-counters.ts';
import { leaderStore, sameEpoch } from './region-view.ts';
import type { Step } from './steps.ts';
import { WaitingOperators } from './waiting-operators.ts';

/** A command on its way to the store that leads the region. */
export interface Push {
  /** Node number. */
  readonly store: number;
  readonly response: RegionHeartbeatResponse;
}

/** Hears of every change of an operator's status; `reason` says why, where it went wrong. */
export type OperatorObserver = (operator: Operator, reason: string | undefined) => void;

/** What a controller is made with. */
export interface OperatorControllerContext {
  readonly cluster: BasicCluster;
  readonly rng: Rng;
  /** Mutants `pd.mergeOpHalfCancelled` and `pd.operatorOnStaleRegion`. */
  readonly bugs: ReadonlySet<string>;
  readonly observe: OperatorObserver;
}

/** See the essay above. */
export class OperatorController {
  readonly counters = new OperatorCounters();
  private readonly context: OperatorControllerContext;
  private readonly running = new Map<number, Operator>();
  /** Running operators by producer. */
  private readonly counts = new Map<number, number>();
  private readonly waiting: WaitingOperators;
  /** Waiting operators by description. */
  private readonly waitingCounts = new Map<string, number>();
  private readonly queue = new NotifyQueue();
  private outbox: Push[] = [];

  constructor(context: OperatorControllerContext) {
    this.context = context;
    this.waiting = new WaitingOperators(context.rng);
  }

  /** The operator of a region. */
  operatorOf(region: number): Operator | undefined {
    return this.running.get(region);
  }

  /** All that run, in the order in which they were started. */
  operators(): Iterable<Operator> {
    return this.running.values();
  }

  /** How many run that were produced for this end (one flag of {@link OperatorKind}). */
  countOf(producer: number): number {
    return this.counts.get(producer) ?? 0;
  }

  /** What those that run have yet to do to the stores. */
  influence(): Influence {
    const influence = new Influence();
    for (const operator of this.running.values()) operator.unfinishedInfluence(influence);
    return influence;
  }

  /**
   * Lets operators wait, then starts as many. The two of a merge stand one behind the other, and
   * wait as one. Returns how many were started.
   */
  addWaiting(operators: readonly Operator[], nowUs: number): number {
    let groups = 0;
    for (const group of groupsOf(operators)) {
      for (const operator of group) this.note(operator, undefined);
      const obstacle = this.obstacle(group, nowUs) ?? this.queueIsFull(group[0]);
      if (obstacle !== undefined) this.drop(group, obstacle);
      else {
        this.waiting.put(group);
        this.countWaiting(group[0], 1);
        groups++;
      }
    }
    let started = 0;
    for (; groups > 0; groups--) started += this.promote(nowUs);
    return started;
  }

  /** Starts operators at once, or none of them: the way of administrators. Returns why not. */
  addNow(operators: readonly Operator[], nowUs: number): string | undefined {
    for (const operator of operators) this.note(operator, undefined);
    const obstacle = this.limitObstacle(operators, nowUs) ?? this.obstacle(operators, nowUs);
    if (obstacle !== undefined) this.drop(operators, obstacle);
    else for (const operator of operators) this.start(operator, nowUs);
    return obstacle;
  }

  /** Whether the limits of the stores forbid these operators now. */
  exceedsStoreLimit(operators: readonly Operator[], nowUs: number): boolean {
    return this.limitObstacle(operators, nowUs) !== undefined;
  }

  /**
   * A region's leader has spoken: its operator is held against what it said, and goes on or ends.
   * Returns what the leader is to do next.
   */
  onHeartbeat(region: RegionHeartbeat, nowUs: number): RegionHeartbeatResponse | undefined {
    const operator = this.running.get(region.region.id);
    if (operator === undefined) return undefined;
    const step = operator.check(region, nowUs);
    if (step === undefined) {
      this.remove(operator, undefined, nowUs);
      return undefined;
    }
    const stale = this.staleness(operator, step, region);
    if (stale === undefined) return responseTo(region, step);
    operator.status = 'cancelled';
    this.remove(operator, stale, nowUs);
    return undefined;
  }

  /** Repeats the commands of operators that nothing has been heard of. */
  push(nowUs: number): void {
    for (let due = this.queue.take(nowUs); due !== undefined; due = this.queue.take(nowUs)) {
      const region = this.context.cluster.region(due.region);
      if (region === undefined) this.regionGone(due, nowUs);
      else {
        const step = due.check(region, nowUs);
        if (step === undefined) this.remove(due, undefined, nowUs);
        else {
          this.send(region, step);
          this.queue.put(due, step, nowUs);
        }
      }
    }
  }

  /** When {@link push} has something to do; infinity if never. */
  get nextPushUs(): number {
    return this.queue.nextDueUs;
  }

  /** Ends the operator of a region; false if there is none. */
  cancel(region: number, reason: string, nowUs: number): boolean {
    const operator = this.running.get(region);
    if (operator === undefined) return false;
    operator.status = 'cancelled';
    this.remove(operator, reason, nowUs);
    return true;
  }

  /** Takes the commands that have come up since the last time. */
  takePushes(): Push[] {
    const pushes = this.outbox;
    this.outbox = [];
    return pushes;
  }

  /** Whether {@link takePushes} would return any. */
  get hasPushes(): boolean {
    return this.outbox.length > 0;
  }

  /** Starts one waiting group, passing over those that cannot be started. */
  private promote(nowUs: number): number {
    for (let group = this.waiting.take(); group !== undefined; group = this.waiting.take()) {
      this.countWaiting(group[0] as Operator, -1);
      const obstacle = this.limitObstacle(group, nowUs) ?? this.obstacle(group, nowUs);
      if (obstacle === undefined) {
        for (const operator of group) this.start(operator, nowUs);
        return group.length;
      }
      this.drop(group, obstacle);
    }
    return 0;
  }

  private start(operator: Operator, nowUs: number): void {
    const old = this.running.get(operator.region);
    if (old !== undefined) {
      old.status = 'replaced';
      this.end(old, `by ${operator.description}`, nowUs);
    }
    operator.start(nowUs);
    this.running.set(operator.region, operator);
    this.counts.set(operator.producer, this.countOf(operator.producer) + 1);
    this.note(operator, undefined);
    this.spendLimits(operator, nowUs);
    const region = this.context.cluster.region(operator.region);
    const step = region === undefined ? undefined : operator.check(region, nowUs);
    if (region !== undefined && step !== undefined) this.send(region, step);
    this.queue.put(operator, step, nowUs);
  }

  /** The operator has come to its end; another may take its turn. */
  private remove(operator: Operator, reason: string | undefined, nowUs: number): void {
    this.end(operator, reason, nowUs);
    this.promote(nowUs);
  }

  private end(operator: Operator, reason: string | undefined, nowUs: number): void {
    this.running.delete(operator.region);
    this.counts.set(operator.producer, this.countOf(operator.producer) - 1);
    this.queue.delete(operator);
    this.note(operator, reason);
    if (operator.status !== 'finished') this.endTwin(operator, nowUs);
  }

  /** Half a merge is of no use to anybody. */
  private endTwin({ twin }: Operator, nowUs: number): void {
    if (twin === undefined || this.running.get(twin.region) !== twin) return;
    if (this.context.bugs.has('pd.mergeOpHalfCancelled')) return;
    twin.status = 'cancelled';
    this.end(twin, 'the other half of the merge ended', nowUs);
  }

  /** A region that is there no more has been merged; if that was the plan, the operator is done. */
  private regionGone(operator: Operator, nowUs: number): void {
    const merged = operator.twin?.status === 'finished';
    operator.status = merged ? 'finished' : 'cancelled';
    this.remove(operator, merged ? undefined : 'the region is gone', nowUs);
  }

  /** Why the operator does not fit the region any more, if so. */
  private staleness(operator: Operator, step: Step, region: RegionHeartbeat): string | undefined {
    const { cluster, bugs } = this.context;
    const obstacle = step.obstacle(region, cluster);
    if (obstacle !== undefined) return obstacle;
    const changes = region.region.epoch.confVer - operator.epoch.confVer;
    const isStale = changes > operator.confVerChanged(region);
    if (!isStale || bugs.has('pd.operatorOnStaleRegion')) return undefined;
    return 'the peers were changed by somebody else';
  }

  /** Why these operators cannot be added, if so. */
  private obstacle(operators: readonly Operator[], nowUs: number): string | undefined {
    const { cluster, bugs } = this.context;
    for (const operator of operators) {
      const region = cluster.region(operator.region);
      if (region === undefined) return 'no such region';
      if (operator.isExpired(nowUs)) return expired(operators);
      const isCurrent = sameEpoch(region.region.epoch, operator.epoch);
      if (!isCurrent && !bugs.has('pd.operatorOnStaleRegion')) return 'the epoch has moved';
      const other = this.running.get(operator.region);
      if (other !== undefined && other.priority >= operator.priority) {
        return `${other.description} is under way`;
      }
    }
    return undefined;
  }

  private queueIsFull({ description }: Operator): string | undefined {
    const { maxWaitingOperators } = this.context.cluster.config;
    const isFull = (this.waitingCounts.get(description) ?? 0) >= maxWaitingOperators;
    return isFull ? 'too many are waiting' : undefined;
  }

  /** Decrees go before limits. */
  private limitObstacle(operators: readonly Operator[], nowUs: number): string | undefined {
    if (operators[0]?.priority === Priority.urgent) return undefined;
    const influence = new Influence();
    for (const operator of operators) operator.influence(influence);
    for (const [id, { addCost, removeCost }] of influence.entries()) {
      const store = this.context.cluster.store(id);
      const adds = addCost === 0 || store?.addLimit.isAvailable(nowUs, addCost) === true;
      const removes =
        removeCost === 0 || store?.removeLimit.isAvailable(nowUs, removeCost) === true;
      if (!adds || !removes) return `store ${id} is at its limit`;
    }
    return undefined;
  }

  private spendLimits(operator: Operator, nowUs: number): void {
    const influence = new Influence();
    operator.influence(influence);
    for (const [id, { addCost, removeCost }] of influence.entries()) {
      const store = this.context.cluster.store(id);
      if (addCost > 0) store?.addLimit.take(nowUs, addCost);
      if (removeCost > 0) store?.removeLimit.take(nowUs, removeCost);
    }
  }

  private drop(operators: readonly Operator[], reason: string): void {
    for (const operator of operators) {
      if (operator.status === 'created') operator.status = 'refused';
      this.note(operator, reason);
    }
  }

  private send(region: RegionHeartbeat, step: Step): void {
    const response = responseTo(region, step);
    if (response !== undefined) this.outbox.push({ store: leaderStore(region), response });
  }

  private countWaiting({ description }: Operator, change: number): void {
    const count = this.waitingCounts.get(description) ?? 0;
    this.waitingCounts.set(description, count + change);
  }

  private note(operator: Operator, reason: string | undefined): void {
    this.counters.count(operator);
    this.context.observe(operator, reason);
  }
}

/** Operators that stand or fall together. */
function groupsOf(operators: readonly Operator[]): [Operator, ...Operator[]][] {
  const groups: [Operator, ...Operator[]][] = [];
  for (const operator of operators) {
    const group = groups.at(-1);
    const isTwin = group?.length === 1 && group[0].twin === operator;
    if (isTwin && operator.is(OperatorKind.merge)) group.push(operator);
    else groups.push([operator]);
  }
  return groups;
}

function expired(operators: readonly Operator[]): string {
  const status: OperatorStatus = 'expired';
  for (const operator of operators) operator.status = status;
  return 'was not started in time';
}

function responseTo(region: RegionHeartbeat, step: Step): RegionHeartbeatResponse | undefined {
  const command = step.command(region);
  if (command === undefined) return undefined;
  const { id, epoch } = region.region;
  return { ...command, region: id, epoch };
}
