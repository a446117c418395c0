import type { CheckResult, VerdictKind } from '../checker/checker.ts';
import type { Op } from '../checker/history.ts';
import type { ClusterCounters, NodeKind } from '../cluster/surface.ts';
import type { StatementEvent } from '../cluster/tidb/memory/observer.ts';
import type { FaultRecord, PlannedFault } from '../nemesis/fault.ts';

/**
 * The run report: one JSON value that every rendering starts from (HTML, JUnit, terminal,
 * `--json`). It is saved before anything is rendered, so a rendering that fails loses nothing.
 *
 * Times inside it are virtual, integer µs from the start of the run (names end in `Us`); only the
 * summary, which people and scripts read raw, counts in seconds.
 */
export interface RunReport {
  readonly summary: RunSummary;
  /** What ran: every resolved option, in the order of the help text, as name and printed value. */
  readonly configuration: readonly Setting[];
  readonly versions: { readonly wavetank: string; readonly node: string };
  readonly nodes: readonly ReportedNode[];
  readonly phases: readonly Phase[];
  /** The schedule as it was decided before the run. */
  readonly plan: readonly PlannedFault[];
  /** What came of it: the fault bands of the charts. */
  readonly faults: readonly FaultRecord[];
  readonly series: Series;
  /** What statements held against their quota; absent if none had one. */
  readonly memory?: MemoryReport;
  readonly checks: readonly CheckResult[];
  /** The first bad thing, if any. */
  readonly firstViolation?: Violation;
  /** Operations a person should look at, in order of completion; few. */
  readonly keyOperations: readonly KeyOperation[];
  /** What was not checked, one plain sentence each. */
  readonly notChecked: readonly string[];
  /** The shell line that runs the very same run again. */
  readonly replayCommand: string;
}

/** What `--json` prints. Seconds are virtual unless the name says otherwise. */
export interface RunSummary {
  readonly schema: 'wavetank.run/1';
  readonly verdict: VerdictKind;
  /** The exit code of the process, see {@link import('./exit-code.ts').EXIT}. */
  readonly exitCode: number;
  /** One sentence: why the verdict is what it is. Never empty. */
  readonly cause: string;
  readonly case: string;
  /** Behaviour profile of the TiDB nodes, e.g. `v8.5.0`. */
  readonly profile: string;
  /** `1/64`, `1`. */
  readonly scale: string;
  readonly preset: string;
  /** Decimal spelling of a 64-bit number: text, because a double would lose digits. */
  readonly seed: string;
  /** Trace hash at the end of the run: 16 hexadecimal digits. */
  readonly hash: string;
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  readonly events: number;
  /** Largest resident memory of the harness process that was seen, in bytes. */
  readonly peakMemoryBytes: number;
  readonly operations: { readonly ok: number; readonly fail: number; readonly info: number };
  readonly verifications: { readonly ok: number; readonly failed: number };
  readonly faults: readonly SummaryFault[];
  readonly cluster: ClusterCounters;
  readonly memory: MemorySummary;
  readonly checks: readonly Pick<CheckResult, 'name' | 'verdict' | 'cause'>[];
  /** Folder of the run. */
  readonly runDir: string;
  /** Path of the HTML report. */
  readonly report: string;
}

/** A fault in the summary; `at` and `until` in seconds of virtual time. */
export interface SummaryFault {
  readonly nemesis: string;
  readonly fault: string;
  /** As the plan has it. */
  readonly target: string;
  /** What it was done to: the target, unless that was a role (`pd-leader`). */
  readonly hit: string;
  readonly at: number;
  readonly until: number;
  readonly tookEffect: boolean;
  /** Whether other faults of the plan kept it from happening. */
  readonly crowdedOut: boolean;
  readonly healed: boolean;
}

/** Memory of SQL over the run. */
export interface MemoryReport {
  /** The largest that any statement had, bytes. */
  readonly quota: number;
  /** Length of the stretches of `levels`, µs. */
  readonly levelUs: number;
  /** Most that a node's sessions held; stretches in which nothing grew are left out. */
  readonly levels: readonly TrackedLevel[];
  /** What was done about quotas, thinned if there is too much of it. */
  readonly actions: readonly MemoryAct[];
  readonly actionsMeasured: number;
  /** The statement that held most for its quota. */
  readonly worst?: WorstStatement;
}

/** Most bytes that one node's sessions held in a stretch of time. */
export interface TrackedLevel {
  readonly node: string;
  readonly fromUs: number;
  readonly consumed: number;
}

/**
 * Something done about a quota, when so many bytes were held: `rate-limit`, `spill`, `cancel`, …
 */
export interface MemoryAct {
  readonly atUs: number;
  readonly node: string;
  readonly action: string;
  readonly consumed: number;
}

/** A statement, what was done about its memory, and who held it at the peak. */
export interface WorstStatement
  extends Pick<
    StatementEvent,
    'node' | 'connection' | 'sql' | 'beganUs' | 'endedUs' | 'maxConsumed' | 'maxDisk' | 'quota'
  > {
  readonly errorCode?: number;
  readonly errorText?: string;
  readonly actions: readonly StatementAct[];
  readonly peak?: TrackedBytes;
  /** Of its node, from the first action to its end. */
  readonly logs: readonly LogLine[];
}

/** Something done about one statement. */
export interface StatementAct extends Omit<MemoryAct, 'node'> {
  /** Tokens that a reader had left, before this one was destroyed. */
  readonly tokensLeft?: number;
}

/** What a tracker and those below it held at one moment. */
export interface TrackedBytes {
  readonly name: string;
  readonly consumed: number;
  /** The largest first. */
  readonly children: readonly TrackedBytes[];
}

/** Memory against quota; bytes. `actions` counts each action by name. */
export interface MemorySummary {
  readonly quota: number;
  readonly peakTracked: number;
  readonly actions: Readonly<Record<string, number>>;
}

/** One resolved option. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** One node of the cluster. */
export interface ReportedNode {
  readonly name: string;
  readonly kind: NodeKind;
}

/**
 * The acts of a run, in their order: tables are made and filled; anything in the plan may happen
 * and nothing may lie; all is healed, everything must succeed again, and the final reads are made.
 */
export type PhaseName = 'setup' | 'safety' | 'liveness';

/** One act of the run. */
export interface Phase {
  readonly name: PhaseName;
  readonly fromUs: number;
  readonly untilUs: number;
}

/** Series over virtual time, in buckets of equal length. */
export interface Series {
  /** Length of a bucket in µs. Bucket i covers `[i * bucketUs, (i + 1) * bucketUs)`. */
  readonly bucketUs: number;
  /** One entry for each kind of operation (`f`), in order of first appearance. */
  readonly operations: readonly OperationSeries[];
}

/**
 * Operations of one kind. Arrays have one value a bucket, all of one length. An operation counts in
 * the bucket in which it completed.
 */
export interface OperationSeries {
  readonly f: string;
  readonly ok: readonly number[];
  readonly fail: readonly number[];
  readonly info: readonly number[];
  /** Latency of the `ok` operations in µs; null in a bucket that has none. */
  readonly p50Us: readonly (number | null)[];
  readonly p95Us: readonly (number | null)[];
  readonly p99Us: readonly (number | null)[];
  readonly maxUs: readonly (number | null)[];
}

/** The first bad thing and what the nodes logged around it. */
export interface Violation {
  /** Name of the check that saw it. */
  readonly check: string;
  readonly atUs: number;
  /** The window the log lines are from. */
  readonly fromUs: number;
  readonly untilUs: number;
  /** In order of time; at most a few hundred. */
  readonly logs: readonly LogLine[];
  /** Lines of the window that were left out because there were too many. */
  readonly logsOmitted: number;
}

/** One line of one node's log, as TiDB writes it. */
export interface LogLine {
  readonly atUs: number;
  readonly node: string;
  readonly line: string;
}

/** An operation worth a look, and why. */
export interface KeyOperation {
  readonly op: Op;
  /** Name of the check that points at it. */
  readonly why: string;
}
