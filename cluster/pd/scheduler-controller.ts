import type { ScheduleContext } from './schedule-context.ts';
import { SCHEDULERS, type Scheduler } from './schedulers/index.ts';

/** Tries in one run before the scheduler is taken to have nothing to do. */
const TRIES = 10;

interface Timed {
  readonly scheduler: Scheduler;
  intervalUs: number;
  dueUs: number;
}

/** What a scheduler sees at a time; the stream is its own. */
export type ContextOf = (scheduler: string, nowUs: number) => ScheduleContext;

/**
 * When schedulers run. One that finds something to do runs again after 10 ms; one that does not
 * waits a third longer each time, up to 5 s, so that a cluster at rest costs next to nothing. One
 * whose limit is reached keeps its pace. Source: PD `coordinator.runScheduler`,
 * `scheduleController`.
 */
export class SchedulerController {
  private readonly contextOf: ContextOf;
  private readonly timed = new Map<string, Timed>();

  constructor(contextOf: ContextOf) {
    this.contextOf = contextOf;
  }

  /** Adds a scheduler; false if there is none of this name, or it runs already. */
  add(name: string, nowUs: number): boolean {
    const make = SCHEDULERS.get(name);
    if (make === undefined || this.timed.has(name)) return false;
    const { minScheduleIntervalUs } = this.contextOf(name, nowUs).config;
    const dueUs = nowUs + minScheduleIntervalUs;
    this.timed.set(name, { scheduler: make(), intervalUs: minScheduleIntervalUs, dueUs });
    return true;
  }

  /** Removes a scheduler; what it has begun goes on. False if it does not run. */
  remove(name: string): boolean {
    return this.timed.delete(name);
  }

  /** Names of those that run, in the order in which they were added. */
  names(): string[] {
    return [...this.timed.keys()];
  }

  /** Lets every scheduler run that is due. */
  tick(nowUs: number): void {
    for (const timed of this.timed.values()) {
      if (timed.dueUs > nowUs) continue;
      this.run(timed, this.contextOf(timed.scheduler.name, nowUs));
      timed.dueUs = nowUs + timed.intervalUs;
    }
  }

  /** When the next one is due; infinity if there is none. */
  get nextDueUs(): number {
    let nextUs = Number.POSITIVE_INFINITY;
    for (const { dueUs } of this.timed.values()) nextUs = Math.min(nextUs, dueUs);
    return nextUs;
  }

  private run(timed: Timed, context: ScheduleContext): void {
    const { scheduler } = timed;
    const { minScheduleIntervalUs, maxScheduleIntervalUs } = context.config;
    if (!scheduler.isAllowed(context)) return;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const operators = scheduler.schedule(context);
      if (operators.length === 0) continue;
      timed.intervalUs = minScheduleIntervalUs;
      context.operators.addWaiting(operators, context.nowUs);
      return;
    }
    const longerUs = Math.floor((timed.intervalUs * 13) / 10);
    timed.intervalUs = Math.min(maxScheduleIntervalUs, longerUs);
  }
}
