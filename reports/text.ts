import { Chalk, type ChalkInstance } from 'chalk';
import type { CheckResult, VerdictKind } from '../checker/checker.ts';
import type { FaultRecord } from '../nemesis/fault.ts';
import type { RunReport, RunSummary } from '../runner/report.ts';
import { faultsAround } from './plan-outcome.ts';
import { clock, span } from './virtual-time.ts';
import { bytes, count, speedUp, spells, VERDICT_SIGN } from './wording.ts';

/** How a text rendering looks. */
export interface TextOptions {
  /** Whether to colour: true only for a terminal that wants it. */
  readonly colour: boolean;
}

/**
 * The run for a terminal: counters, the checks that did not hold, when and under which faults it
 * broke, and at the very end the four lines of {@link lastLines}. Ends with a line feed.
 */
export function renderText(report: RunReport, options: TextOptions): string {
  const paint = new Chalk({ level: options.colour ? 1 : 0 });
  const parts = [
    counters(report),
    failedChecks(report.checks, paint),
    violation(report),
    lastLines(report, options),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Verdict, one sentence of cause, report path, replay command: what every command ends with. */
export function lastLines(report: RunReport, options: TextOptions): string {
  const paint = new Chalk({ level: options.colour ? 1 : 0 });
  const { verdict, cause } = report.summary;
  return [
    verdictColour(verdict, paint)(`${VERDICT_SIGN[verdict]} ${verdict}`),
    oneLine(cause),
    `report: ${report.summary.report}`,
    `replay: ${report.replayCommand}`,
  ].join('\n');
}

/** Green, yellow or red. */
export function verdictColour(verdict: VerdictKind, paint: ChalkInstance): ChalkInstance {
  if (verdict === 'valid') return paint.green.bold;
  return verdict === 'unknown' ? paint.yellow.bold : paint.red.bold;
}

function counters(report: RunReport): string {
  const { summary } = report;
  const rows: [string, string][] = [
    ['run', `${summary.case}, ${summary.profile}, scale ${summary.scale}, ${summary.preset}`],
    ['seed', `${summary.seed} (hash ${summary.hash})`],
    ['time', times(summary)],
    ['operations', operations(summary)],
    ['verifications', `${summary.verifications.ok} ok, ${summary.verifications.failed} failed`],
    ['faults', faults(report.faults)],
    ['cluster', cluster(summary)],
    ['repairs', repairs(summary)],
    ['memory', memory(summary)],
    ['checks', checks(report.checks)],
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}`).join('\n');
}

function times(summary: RunSummary): string {
  const simulated = clock(summary.simulatedSeconds * 1e6);
  const wall = span(summary.wallSeconds * 1e6);
  return `${simulated} simulated in ${wall} (${speedUp(summary)}), ${count(summary.events)} events`;
}

function operations(summary: RunSummary): string {
  const { ok, fail, info } = summary.operations;
  return `${count(ok)} ok, ${count(fail)} fail, ${count(info)} info`;
}

function faults(records: readonly FaultRecord[]): string {
  if (records.length === 0) return 'none';
  const took = records.filter((record) => record.tookEffect).length;
  const healed = records.filter((record) => record.healed).length;
  return `${records.length} injected, ${took} took effect, ${healed} healed`;
}

function cluster({ cluster: c }: RunSummary): string {
  return [
    `leader transfers ${c.leaderTransfers}`,
    `elections ${c.elections}`,
    `splits ${c.splits}`,
    `merges ${c.merges}`,
    `peer moves ${c.peerMoves}`,
    `TSO outages ${c.tsoOutages}`,
    ...(c.replicaReads === 0 ? [] : [`replica reads ${c.replicaReads}`]),
  ].join(', ');
}

/** How long the cluster's own repairs took. */
function repairs({ cluster: c }: RunSummary): string {
  return `regions without leader ${spells(c.leaderless)}; no TSO ${spells(c.withoutTso)}`;
}

function memory({ memory: used, peakMemoryBytes }: RunSummary): string {
  const harness = `harness ${bytes(peakMemoryBytes)}`;
  if (used.quota === 0) return harness;
  const actions = Object.entries(used.actions).map(([name, times]) => `${name} ${times}`);
  const tracked = `${bytes(used.peakTracked)} tracked at peak, quota ${bytes(used.quota)}`;
  return [tracked, ...actions, harness].join(', ');
}

function checks(results: readonly CheckResult[]): string {
  const of = (verdict: VerdictKind): number =>
    results.filter((check) => check.verdict === verdict).length;
  return `${of('valid')} valid, ${of('unknown')} unknown, ${of('invalid')} invalid`;
}

function failedChecks(results: readonly CheckResult[], paint: ChalkInstance): string {
  return results
    .filter((check) => check.verdict !== 'valid')
    .map((check) => {
      const sign = verdictColour(check.verdict, paint)(VERDICT_SIGN[check.verdict]);
      const when = check.atUs === undefined ? '' : ` at ${clock(check.atUs)}`;
      return `${sign} ${check.name}${when}: ${oneLine(check.cause)}`;
    })
    .join('\n');
}

function violation(report: RunReport): string {
  const first = report.firstViolation;
  if (first === undefined) return '';
  const around = faultsAround(report.faults, first.atUs);
  return `First seen at ${clock(first.atUs)} by ${first.check}. ${around}`;
}

/** A cause must stay one line whatever an error message brought along. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ');
}
