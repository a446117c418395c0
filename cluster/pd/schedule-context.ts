import type { Rng } from '../sim/index.ts';
import type { BasicCluster } from './basic-cluster.ts';
import type { OperatorController } from './operator-controller.ts';
import type { ScheduleConfig } from './schedule-config.ts';

/** What schedulers and checkers look at and draw from while they make operators. */
export interface ScheduleContext {
  readonly cluster: BasicCluster;
  readonly config: ScheduleConfig;
  readonly operators: OperatorController;
  /** The scheduler's own stream. */
  readonly rng: Rng;
  /** A fresh id for a peer. */
  readonly allocId: () => number;
  readonly nowUs: number;
  /** Mutant `pd.mergeLimitIgnored`. */
  readonly bugs: ReadonlySet<string>;
}
