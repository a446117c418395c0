import type { Case } from '../cases/index.ts';
import { type CheckResult, compose } from '../checker/checker.ts';
import type { Op } from '../checker/history.ts';
import type { Plan } from '../nemesis/plan.ts';
import { composeMemory } from './compose-memory.ts';
import { formatDuration, SECOND_US } from './duration.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import type { LogStore } from './log-files.ts';
import type { RunOptions } from './options.ts';
import { replayCommand, shownSettings } from './replay-command.ts';
import type { KeyOperation, RunReport, RunSummary, Setting, Violation } from './report.ts';
import { formatScale } from './scale.ts';
import type { SimulationResult } from './simulation.ts';

/** Log lines shown before and after the first violation; virtual µs. */
const LOG_BEFORE_US = 10 * SECOND_US;
const LOG_AFTER_US = 5 * SECOND_US;
/** Log lines shown at most. */
const LOG_LINES = 400;
/** Operations shown at most. */
const KEY_OPERATIONS = 20;

/** What this version does not look at, said plainly in every report. */
const NOT_CHECKED: readonly string[] = [
  'Memory: only what readers ask (--memory-mix) is asked again without a quota and compared.',
  'Logs: panics are told by the places that recover from them, not looked for in the logs.',
  'Isolation: no check looks for anomalies other than those that the ledger contract shows.',
];

/** What a report is made from. */
export interface ReportInput {
  readonly options: RunOptions;
  readonly case: Case;
  readonly plan: Plan;
  readonly result: SimulationResult;
  readonly wallSeconds: number;
  readonly peakMemoryBytes: number;
  readonly versions: RunReport['versions'];
  readonly logs: LogStore;
  /** Operations by index. */
  readonly find: (indices: readonly number[]) => Promise<Op[]>;
  /** Paths as they are printed. */
  readonly paths: { readonly folder: string; readonly html: string; readonly plan: string };
}

/** Makes the one value that every rendering starts from. */
export async function composeReport(input: ReportInput): Promise<RunReport> {
  const { options, result, versions, paths } = input;
  const violation = firstViolation(result.checks, input.logs);
  const memory = composeMemory(result.memory, input.logs);
  return {
    summary: summarize(input),
    configuration: configuration(input),
    versions,
    nodes: result.nodes,
    phases: result.phases,
    plan: input.plan.faults.map((fault) => ({
      ...fault,
      atUs: fault.atUs + result.planStartUs,
      untilUs: fault.untilUs + result.planStartUs,
    })),
    faults: result.faults,
    series: result.series,
    ...(memory === undefined ? {} : { memory }),
    checks: result.checks,
    ...(violation === undefined ? {} : { firstViolation: violation }),
    keyOperations: await keyOperations(result.checks, input.find),
    notChecked: NOT_CHECKED,
    replayCommand: replayCommand(options, paths.plan),
  };
}

function summarize(input: ReportInput): RunSummary {
  const { options, result, paths } = input;
  const { verdict, cause } = compose(result.checks);
  return {
    schema: 'wavetank.run/1',
    verdict,
    exitCode: result.crashed ? EXIT.crashed : exitCodeOf(verdict, result.checks),
    cause: cause === '' ? whatHeld(result) : cause,
    case: options.case,
    profile: options.profile,
    scale: formatScale(options.scaleDenominator),
    preset: options.preset,
    seed: options.seed,
    hash: result.hash,
    simulatedSeconds: result.simulatedUs / SECOND_US,
    wallSeconds: input.wallSeconds,
    events: result.events,
    peakMemoryBytes: input.peakMemoryBytes,
    operations: result.tally.operations,
    verifications: result.tally.verifications,
    faults: result.faults.map(({ atUs, untilUs, effect: _, note: __, ...fault }) => ({
      ...fault,
      at: atUs / SECOND_US,
      until: untilUs / SECOND_US,
    })),
    cluster: result.counters,
    memory: {
      quota: result.memory.quota,
      peakTracked: result.memory.peakTracked,
      actions: result.memory.counts,
    },
    checks: result.checks.map(({ name, verdict, cause }) => ({ name, verdict, cause })),
    runDir: paths.folder,
    report: paths.html,
  };
}

function whatHeld({ tally, faults, checks, simulatedUs }: SimulationResult): string {
  const { ok } = tally.operations;
  const verified = tally.verifications.ok;
  const length = formatDuration(Math.floor(simulatedUs / SECOND_US) * SECOND_US);
  const over = `${ok} operations, ${verified} verifications and ${faults.length} faults`;
  return `all ${checks.length} checks held over ${over} in ${length} of virtual time`;
}

function configuration({ options, case: workload }: ReportInput): Setting[] {
  const own = shownSettings(options).map(({ flag, value }) => ({ name: flag, value }));
  const ofCase = workload.settings.map(([name, value]) => ({ name, value }));
  const names = new Set(ofCase.map(({ name }) => name));
  return [...own.filter(({ name }) => !names.has(name)), ...ofCase];
}

/** The earliest time at which a check saw something wrong, and the logs around it. */
function firstViolation(checks: readonly CheckResult[], logs: LogStore): Violation | undefined {
  let first: { check: string; atUs: number } | undefined;
  for (const { name, verdict, atUs } of checks) {
    if (verdict !== 'invalid' || atUs === undefined) continue;
    if (first === undefined || atUs < first.atUs) first = { check: name, atUs };
  }
  if (first === undefined) return undefined;
  const fromUs = Math.max(0, first.atUs - LOG_BEFORE_US);
  const untilUs = first.atUs + LOG_AFTER_US;
  return { ...first, fromUs, untilUs, ...logs.window(fromUs, untilUs, LOG_LINES) };
}

async function keyOperations(
  checks: readonly CheckResult[],
  find: ReportInput['find'],
): Promise<KeyOperation[]> {
  const why = new Map<number, string>();
  for (const { name, verdict, ops } of checks) {
    if (verdict === 'valid') continue;
    for (const index of ops) if (!why.has(index) && why.size < KEY_OPERATIONS) why.set(index, name);
  }
  const found = await find([...why.keys()]);
  return found.map((op) => ({ op, why: why.get(op.index) ?? '' }));
}
