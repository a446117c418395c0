import type { Operator } from './operator.ts';
import type { Step } from './steps.ts';

/** An operator that nothing has been heard of for so long is looked at again. */
const FAST_NOTIFY_US = 2_000_000;
const SLOW_NOTIFY_US = 5_000_000;

/**
 * When running operators are due to be pushed. There are only two delays, so each has a queue of
 * its own that is in order by itself: a map remembers the order of its insertions. Source: PD
 * `operatorQueue`, which is a heap.
 */
export class NotifyQueue {
  private readonly fast = new Map<Operator, number>();
  private readonly slow = new Map<Operator, number>();

  /** Puts an operator, or puts it back, behind those of its delay. */
  put(operator: Operator, step: Step | undefined, nowUs: number): void {
    this.delete(operator);
    if (step?.isFast === true) this.fast.set(operator, nowUs + FAST_NOTIFY_US);
    else this.slow.set(operator, nowUs + SLOW_NOTIFY_US);
  }

  /** Takes an operator out. */
  delete(operator: Operator): void {
    this.fast.delete(operator);
    this.slow.delete(operator);
  }

  /** Takes out and returns an operator that is due, the fast ones first. */
  take(nowUs: number): Operator | undefined {
    for (const queue of [this.fast, this.slow]) {
      for (const [operator, dueUs] of queue) {
        if (dueUs > nowUs) break;
        queue.delete(operator);
        return operator;
      }
    }
    return undefined;
  }

  /** When the next one is due; infinity if there is none. */
  get nextDueUs(): number {
    let nextUs = Number.POSITIVE_INFINITY;
    for (const queue of [this.fast, this.slow]) {
      for (const dueUs of queue.values()) {
        nextUs = Math.min(nextUs, dueUs);
        break;
      }
    }
    return nextUs;
  }
}
