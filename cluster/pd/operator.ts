import type { RegionEpoch } from '../tikv/request.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import type { Influence } from './influence.ts';
import type { ScheduleConfig } from './schedule-config.ts';
import type { Step } from './steps.ts';
import { stepCost } from './store-limit.ts';

/**
 * Flags of an operator, in the order in which they name its producer: the lowest one counts against
 * the limits ({@link Operator.producer}), so a merge that moves peers first is a merge, and a
 * leader shuffled by decree is no balancing. Source: PD `operator.OpKind`.
 */
export const OperatorKind = {
  /** By decree, of an administrator or of shuffle-leader. */
  admin: 1,
  merge: 2,
  replica: 4,
  split: 8,
  /** Adds or removes peers. */
  region: 16,
  /** Transfers the leadership. */
  leader: 32,
} as const;

/** Which of two operators may push the other from its region: the greater one. */
export const Priority = { low: 0, medium: 1, high: 2, urgent: 3 } as const;

/** A value of {@link Priority}. */
export type PriorityLevel = (typeof Priority)[keyof typeof Priority];

/** Life of an operator: created → started → one of the others; or never started. */
export type OperatorStatus =
  | 'created'
  /** Its region has another operator or another epoch, or a limit is reached. */
  | 'refused'
  | 'started'
  | 'finished'
  | 'timed-out'
  | 'cancelled'
  /** By one of a higher priority. */
  | 'replaced'
  /** Not started in time. */
  | 'expired';

/** What an operator is made of. */
export interface OperatorPlan {
  /** Who wants it, e.g. `shuffle-leader`. */
  readonly description: string;
  /** Flags of {@link OperatorKind}. */
  readonly kind: number;
  readonly region: RegionHeartbeat;
  readonly steps: readonly Step[];
  readonly priority?: PriorityLevel;
}

/**
 * Something to be done with one region, step by step. It remembers the epoch of the region it was
 * made for; whatever it does not recognise as its own work is a reason to give up. Source: PD
 * `operator.Operator`.
 */
export class Operator {
  readonly description: string;
  readonly kind: number;
  readonly region: number;
  readonly epoch: RegionEpoch;
  readonly steps: readonly Step[];
  readonly priority: PriorityLevel;
  readonly createdUs: number;
  status: OperatorStatus = 'created';
  /** The other operator of a merge. */
  twin: Operator | undefined = undefined;
  private readonly config: ScheduleConfig;
  private readonly bytes: number;
  private current = 0;
  private stepStartedUs = 0;

  constructor(plan: OperatorPlan, nowUs: number, config: ScheduleConfig) {
    const { description, kind, region, steps } = plan;
    this.description = description;
    this.kind = kind;
    this.region = region.region.id;
    this.epoch = region.region.epoch;
    this.steps = steps;
    this.priority = plan.priority ?? ((kind & OperatorKind.admin) > 0 ? Priority.urgent : 1);
    this.createdUs = nowUs;
    this.bytes = region.approximateSizeBytes;
    this.config = config;
  }

  /** The flag that the limits go by. */
  get producer(): number {
    return this.kind & -this.kind;
  }

  /** Whether all flags are set. */
  is(kind: number): boolean {
    return (this.kind & kind) === kind;
  }

  /** The step it is at; undefined once all are done. */
  get step(): Step | undefined {
    return this.steps[this.current];
  }

  /** Whether it has waited too long to be started. */
  isExpired(nowUs: number): boolean {
    return this.status === 'created' && nowUs - this.createdUs >= this.config.operatorExpiryUs;
  }

  /** From created to started. */
  start(nowUs: number): void {
    this.status = 'started';
    this.stepStartedUs = nowUs;
  }

  /**
   * Compares the steps with the region and returns the first one not done. Undefined if the
   * operator is not running or is so no more: its status says how it ended.
   */
  check(region: RegionHeartbeat, nowUs: number): Step | undefined {
    if (this.status !== 'started') return undefined;
    for (let step = this.step; step !== undefined; step = this.step) {
      if (!step.isFinished(region)) {
        const allowedUs = step.timeoutUs(this.bytes / this.config.megabyteBytes);
        if (nowUs - this.stepStartedUs < allowedUs) return step;
        this.status = 'timed-out';
        return undefined;
      }
      this.current++;
      this.stepStartedUs = nowUs;
    }
    this.status = 'finished';
    return undefined;
  }

  /** By how much the steps up to the present one have raised the region's `confVer`. */
  confVerChanged(region: RegionHeartbeat): number {
    let changes = 0;
    for (let at = 0; at <= this.current; at++) {
      changes += this.steps[at]?.confVerChanged(region) ?? 0;
    }
    return changes;
  }

  /** Adds what the operator as a whole does to the stores. */
  influence(on: Influence): void {
    this.influenceFrom(0, on);
  }

  /** Adds what it has yet to do to them. */
  unfinishedInfluence(on: Influence): void {
    this.influenceFrom(this.current, on);
  }

  private influenceFrom(first: number, on: Influence): void {
    const cost = stepCost(this.bytes, this.config);
    for (let at = first; at < this.steps.length; at++) {
      this.steps[at]?.influence(on, this.bytes, cost);
    }
  }
}
