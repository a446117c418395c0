import type { Rng } from '../sim/index.ts';
import type { Operator } from './operator.ts';

/** Chance of a bucket to be served, by priority: low, medium, high, urgent. */
const WEIGHTS = [1, 4, 9, 16] as const;

/**
 * Operators that are to be started, in one bucket for each priority. Higher priorities are served
 * more often, yet none starves. The two operators of a merge wait, and are served, together.
 * Source: PD `schedule.RandBuckets`.
 */
export class WaitingOperators {
  private readonly buckets: (readonly Operator[])[][] = WEIGHTS.map(() => []);
  private readonly rng: Rng;

  constructor(rng: Rng) {
    this.rng = rng;
  }

  /** One operator, or the two of a merge. */
  put(group: readonly [Operator, ...Operator[]]): void {
    this.buckets[group[0].priority]?.push(group);
  }

  /** Takes the next group out, by lot among the priorities. */
  take(): readonly Operator[] | undefined {
    let total = 0;
    for (const [priority, weight] of WEIGHTS.entries()) {
      if (this.lengthOf(priority) > 0) total += weight;
    }
    if (total === 0) return undefined;
    let lot = this.rng.nextInt(total);
    for (const [priority, weight] of WEIGHTS.entries()) {
      if (this.lengthOf(priority) === 0) continue;
      if (lot < weight) return this.buckets[priority]?.shift();
      lot -= weight;
    }
    return undefined;
  }

  private lengthOf(priority: number): number {
    return this.buckets[priority]?.length ?? 0;
  }
}
