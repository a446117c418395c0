import { join } from 'node:path';
import type { VerdictKind } from '../checker/checker.ts';
import { EXIT } from './exit-code.ts';
import type { SoakEnd, SoakEnding } from './soak.ts';
import { SOAK_FILES, type SoakFolder } from './soak-folder.ts';
import type { SeedResult } from './soak-ledger.ts';
import {
  exitCodeOfOutcome,
  OUTCOMES,
  type Outcome,
  verdictOfOutcome,
  worseOutcome,
} from './soak-outcome.ts';
import { signatureOf } from './soak-signature.ts';

/** Seeds listed with each failure. */
const SEEDS_LISTED = 20;

/** What `soak --json` prints, and what its text, JUnit file and index row are made of. */
export interface SoakReport {
  readonly schema: 'wavetank.soak/1';
  readonly verdict: VerdictKind;
  readonly exitCode: number;
  /** One sentence: why the verdict is what it is. */
  readonly cause: string;
  readonly case: string;
  /** ISO 8601, wall time. */
  readonly startedAt: string;
  readonly ending: SoakEnding;
  readonly seeds: {
    /** As on the command line. */
    readonly range: string;
    readonly asked: number;
    readonly done: number;
    readonly outcomes: Readonly<Record<Outcome, number>>;
  };
  readonly simulatedSeconds: number;
  /** Over all sessions of the soak. */
  readonly wallSeconds: number;
  /** Median over the seeds of simulated time over wall time; 0 if no run came to its end. */
  readonly speedMedian: number;
  /** Distinct failures, the worst first, then the most frequent. */
  readonly failures: readonly FailureGroup[];
  readonly determinism: {
    readonly asked: boolean;
    readonly compared: number;
    readonly mismatches: number;
  };
  readonly bound: FailureBound;
  /** In how many seeds each nemesis was drawn; `none` counts the seeds without any. */
  readonly nemeses: Readonly<Record<string, number>>;
  /** Folder of the soak. */
  readonly folder: string;
  readonly junit: string;
  /** The page over all runs and soaks of the store. */
  readonly index: string;
  /** The shell line that runs the seeds that have no result yet; empty if there are none. */
  readonly resume: string;
}

/** Seeds that failed in the same way. */
export interface FailureGroup {
  readonly signature: string;
  readonly outcome: Outcome;
  readonly verdict: VerdictKind;
  readonly count: number;
  /** The first of them in the order of the ledger; at most a few. */
  readonly seeds: readonly string[];
  /** What the first did not hold, and why. */
  readonly check: string;
  readonly cause: string;
  /** The shell line that runs the first again. */
  readonly command: string;
  /** Folder of the first, inside the soak’s. */
  readonly runDir: string;
}

/** How much so many seeds say about all the others. */
export interface FailureBound {
  /** Seeds about which there is a judgement: valid, or a failure. */
  readonly judged: number;
  readonly failures: number;
  /**
   * With 95 % confidence fewer seeds fail than this share, if none did: the rule of three, 3/N.
   * Absent after a failure, and when nothing was judged.
   */
  readonly rateBelow?: number;
}

/** What a report is made from. */
export interface SoakReportInput {
  readonly folder: Pick<SoakFolder, 'path' | 'record'>;
  readonly end: SoakEnd;
  /** Seeds asked for in this session, and as they were written. */
  readonly seeds: readonly string[];
  readonly range: string;
  readonly index: string;
}

/** Makes a summary of the ledger. */
export function composeSoakReport(input: SoakReportInput): SoakReport {
  const { folder, end } = input;
  const { results, ending } = end;
  const { plan, startedAt } = folder.record;
  const outcomes = countOutcomes(results);
  const worst = results.reduce<Outcome>((w, { outcome }) => worseOutcome(w, outcome), 'valid');
  const mismatches = outcomes.mismatch;
  const compared = results.filter((result) => result.compared).length;
  const failures = groupFailures(results);
  return {
    schema: 'wavetank.soak/1',
    ...judgement(worst, end, failures),
    ...{ case: plan.case, startedAt, ending },
    seeds: { range: input.range, asked: askedSeeds(input), done: results.length, outcomes },
    simulatedSeconds: sum(results.map(({ simulatedSeconds }) => simulatedSeconds)),
    wallSeconds: end.wallSeconds,
    speedMedian: median(results.flatMap(speedOf)),
    failures,
    determinism: { asked: plan.checkDeterminism, compared, mismatches },
    bound: boundOf(results),
    nemeses: countNemeses(results),
    folder: folder.path,
    junit: join(folder.path, SOAK_FILES.junit),
    index: input.index,
    resume: ending === 'complete' ? '' : `npx wavetank soak --resume ${folder.path}`,
  };
}

type Judgement = Pick<SoakReport, 'verdict' | 'exitCode' | 'cause'>;

function judgement(worst: Outcome, end: SoakEnd, failures: readonly FailureGroup[]): Judgement {
  const { results, ending } = end;
  const stopped = ending === 'stopped' ? ', then it was stopped' : '';
  if (results.length === 0) {
    return { verdict: 'unknown', exitCode: EXIT.unknown, cause: `no seed has a result${stopped}` };
  }
  const bad = results.filter(({ outcome }) => outcome !== 'valid').length;
  const kinds = failures.length === 1 ? 'in one way' : `in ${failures.length} ways`;
  const cause =
    bad === 0
      ? `each seed with a result is valid, ${results.length} in all${stopped}`
      : `${bad} of ${results.length} seeds are not valid, ${kinds}${stopped}`;
  const code = exitCodeOfOutcome(worst);
  const exitCode = code === EXIT.valid && ending === 'stopped' ? EXIT.unknown : code;
  if (verdictOfOutcome(worst) === 'invalid') return { verdict: 'invalid', exitCode, cause };
  return { verdict: exitCode === EXIT.valid ? 'valid' : 'unknown', exitCode, cause };
}

/** Seeds of this session, and those of earlier ones that are not among them. */
function askedSeeds({ end, seeds }: SoakReportInput): number {
  const all = new Set(seeds);
  for (const { seed } of end.results) all.add(seed);
  return all.size;
}

function countOutcomes(results: readonly SeedResult[]): Record<Outcome, number> {
  const counts = Object.fromEntries(OUTCOMES.map((name) => [name, 0])) as Record<Outcome, number>;
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}

function countNemeses(results: readonly SeedResult[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { nemeses } of results) {
    for (const name of nemeses.length === 0 ? ['none'] : nemeses) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function groupFailures(results: readonly SeedResult[]): FailureGroup[] {
  const groups = new Map<string, [SeedResult, ...SeedResult[]]>();
  for (const result of results) {
    if (result.outcome === 'valid') continue;
    const key = `${result.outcome} ${signatureOf(result.check, result.cause)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  const rank = ({ outcome }: FailureGroup): number => OUTCOMES.indexOf(outcome);
  return [...groups.values()]
    .map(failureGroup)
    .sort((a, b) => rank(b) - rank(a) || b.count - a.count);
}

function failureGroup(group: readonly [SeedResult, ...SeedResult[]]): FailureGroup {
  const [{ check, cause, outcome, verdict, command, runDir }] = group;
  return {
    ...{ signature: signatureOf(check, cause), outcome, verdict, count: group.length },
    seeds: group.slice(0, SEEDS_LISTED).map(({ seed }) => seed),
    ...{ check, cause, command, runDir },
  };
}

function boundOf(results: readonly SeedResult[]): FailureBound {
  const failures = results.filter(({ verdict }) => verdict === 'invalid').length;
  const judged = failures + results.filter(({ verdict }) => verdict === 'valid').length;
  if (failures > 0 || judged === 0) return { judged, failures };
  return { judged, failures, rateBelow: Math.min(1, 3 / judged) };
}

function speedOf({ simulatedSeconds, wallSeconds }: SeedResult): number[] {
  return wallSeconds > 0 ? [simulatedSeconds / wallSeconds] : [];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (lower + upper) / 2;
}
