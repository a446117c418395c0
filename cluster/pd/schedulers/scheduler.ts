import type { Operator } from '../operator.ts';
import type { ScheduleContext } from '../schedule-context.ts';

/**
 * A scheduler turns the cluster it sees into operators. Source: PD `schedule.Scheduler`.
 */
export interface Scheduler {
  /** As an administrator names it: `shuffle-leader-scheduler`. */
  readonly name: string;
  /** Whether its limit leaves room for more operators. */
  isAllowed(context: ScheduleContext): boolean;
  /** One try to find something to do; empty if it found nothing. */
  schedule(context: ScheduleContext): readonly Operator[];
}
