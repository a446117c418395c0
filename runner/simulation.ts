import type { Case, CaseRandom } from '../cases/case.ts';
import type { CheckResult } from '../checker/checker.ts';
import type { Op } from '../checker/history.ts';
import type { MemoryUsage } from '../cluster/memory-record.ts';
import type { SessionSource } from '../cluster/session.ts';
import type { ClusterCounters, SimulatedCluster } from '../cluster/surface.ts';
import type { FaultRecord } from '../nemesis/fault.ts';
import type { Plan } from '../nemesis/plan.ts';
import type { LogLine, Phase, PhaseName, ReportedNode, Series } from './report.ts';
import type { Tally } from './tally.ts';

/** What a simulation is made from. */
export interface SimulationInput {
  readonly cluster: SimulatedCluster;
  /** Where the case's sessions come from; absent: from the cluster itself. */
  readonly source?: SessionSource;
  /** Version that the TiDB nodes behave like. */
  readonly version: string;
  readonly case: Case;
  readonly plan: Plan;
  /** Length of the safety phase in µs. */
  readonly runTimeUs: number;
  /**
   * The world is left as it is at this moment, or at a violated assertion before it, with nothing
   * healed. Virtual µs from the start of the run; absent: the run goes on to its end.
   */
  readonly haltUs?: number;
  /** The stream of chances of a label. */
  readonly random: (label: string) => CaseRandom;
  readonly observer: Observer;
}

/** Who watches a run. Called synchronously; an observer that throws ends the run. */
export interface Observer {
  operation(op: Op): void;
  log(line: LogLine): void;
  /** A line from the case for a person. */
  say(text: string): void;
  /** After every step of virtual time. */
  step(state: RunState): void;
  /** Whether the run should end now. */
  stopping(): boolean;
}

/** How far a run has come. */
export interface RunState {
  readonly phase: PhaseName;
  readonly nowUs: number;
  /** When the safety phase began and will end; undefined while the tables are loaded. */
  readonly safety: { readonly fromUs: number; readonly untilUs: number } | undefined;
  readonly tally: Tally;
  readonly faults: {
    readonly begun: number;
    readonly running: number;
    readonly planned: number;
  };
  readonly events: number;
}

/** What a run comes to. */
export interface SimulationResult {
  readonly phases: readonly Phase[];
  readonly nodes: readonly ReportedNode[];
  readonly faults: readonly FaultRecord[];
  /** When the safety phase began: the plan's time 0. */
  readonly planStartUs: number;
  readonly series: Series;
  /** The run's own checks, then those of the case. */
  readonly checks: readonly CheckResult[];
  readonly tally: Tally;
  readonly counters: ClusterCounters;
  readonly memory: MemoryUsage;
  readonly events: number;
  readonly hash: string;
  readonly simulatedUs: number;
  /** Whether the case, and not the database, was at fault. */
  readonly crashed: boolean;
}
