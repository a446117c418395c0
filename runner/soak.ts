import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { resolveOptions } from './options.ts';
import { replayCommand } from './replay-command.ts';
import type { RunSummary } from './report.ts';
import { runArguments } from './run-arguments.ts';
import { runsIn } from './run-folder.ts';
import { SOAK_FILES, type SoakFolder } from './soak-folder.ts';
import { type SeedResult, SoakLedger } from './soak-ledger.ts';
import { type Outcome, outcomeOfRun, verdictOfOutcome, worseOutcome } from './soak-outcome.ts';
import type { SoakProgress } from './soak-progress.ts';
import {
  isReplayAnswer,
  isRunSummary,
  runWorker,
  type WorkerEnd,
  type WorkerProgram,
} from './soak-worker.ts';
import { StoreError } from './store-error.ts';
import { drawSettings } from './swarm.ts';

/**
 * A soak: many seeds, each in a process of its own.
 *
 * ```
 *   seeds ──▶ swarm.ts: what this seed runs with
 *               │
 *               ▼   at most `jobs` at a time
 *             soak-worker.ts: wavetank run … --json ──▶ answered, crashed, hung, killed
 *               │                                          │
 *               │ --check-determinism                      ▼
 *               └▶ wavetank replay … --json ──▶ same? ──▶ one line in the ledger
 * ```
 *
 * 1. A process for each seed, because the thing under test may exhaust memory, never return or
 *    take the engine down with it, and none of that may cost the result of another seed.
 * 2. A result is on disk before the next seed starts (`soak-ledger.ts`), so a soak that was
 *    stopped, killed or unplugged goes on with the seeds that have no result yet.
 * 3. Runs that pass are counted and removed; runs that fail are kept whole.
 * 4. `soak-report.ts` makes a summary of the ledger: what failed, grouped by signature
 *    (`soak-signature.ts`), and how much a silence of so many seeds says.
 */

/** Long enough for a worker to judge and write what it has; wall ms. */
const GRACE_MS = 10_000;

/** What to soak, where, and for how long. */
export interface SoakRequest {
  readonly folder: SoakFolder;
  readonly seeds: readonly string[];
  /** Workers at a time. */
  readonly jobs: number;
  /** Wall time for one worker, in ms. */
  readonly timeoutMs: number;
  /** Wall time between asking a worker to end and killing it, in ms. */
  readonly graceMs?: number;
  /** No seed starts after so much wall time, in ms; undefined: until all are done. */
  readonly forMs: number | undefined;
  /** Whether the folders of runs that pass are kept too. */
  readonly keepPassing: boolean;
  readonly program: WorkerProgram;
  readonly progress: SoakProgress;
  /** Aborted when the person has had enough. */
  readonly stop: AbortSignal;
  /** Wall clock, in ms. */
  readonly now: () => number;
}

/** How a soak ended: all seeds have a result, its time was over, or it was stopped. */
export type SoakEnding = 'complete' | 'time' | 'stopped';

/** What came of a soak. */
export interface SoakEnd {
  readonly ending: SoakEnding;
  /** Of all sessions, in the order in which they came. */
  readonly results: readonly SeedResult[];
  /** Wall time over all sessions. */
  readonly wallSeconds: number;
}

/**
 * Runs every seed that has no result yet. Throws a `StoreError` when the folder cannot be written;
 * whatever happens to a worker is a result instead.
 */
export async function soak(request: SoakRequest): Promise<SoakEnd> {
  const release = request.folder.claim();
  const ledger = new SoakLedger(request.folder.file(SOAK_FILES.ledger));
  try {
    return await new Soak(request, ledger).run();
  } finally {
    ledger.close();
    release();
  }
}

/** A part of a result: what a run, or its replay, comes to. */
interface Finding {
  readonly outcome: Outcome;
  readonly check: string;
  readonly cause: string;
}

class Soak {
  private readonly request: SoakRequest;
  private readonly ledger: SoakLedger;
  private readonly startedMs: number;
  /** How long earlier sessions lasted. */
  private readonly earlierSeconds: number;
  /** Ends the workers: because the person has had enough, or the soak itself cannot go on. */
  private readonly end = new AbortController();

  constructor(request: SoakRequest, ledger: SoakLedger) {
    this.request = request;
    this.ledger = ledger;
    this.startedMs = request.now();
    this.earlierSeconds = Math.max(0, ...ledger.results.map(({ soakSeconds }) => soakSeconds));
    if (request.stop.aborted) this.end.abort();
    request.stop.addEventListener('abort', () => this.end.abort(), { once: true });
  }

  async run(): Promise<SoakEnd> {
    const { seeds, jobs, folder, progress } = this.request;
    const done = new Set(this.ledger.results.map(({ seed }) => seed));
    folder.forgetAllBut(done);
    const left = seeds.filter((seed) => !done.has(seed));
    progress.begin(this.ledger.results, left.length);
    const limit = pLimit(jobs);
    try {
      await Promise.all(left.map((seed) => limit(() => this.runSeed(seed))));
    } finally {
      this.end.abort();
      progress.done();
    }
    const { results } = this.ledger;
    const complete = results.length >= done.size + left.length;
    const ending = complete ? 'complete' : this.request.stop.aborted ? 'stopped' : 'time';
    return { ending, results, wallSeconds: this.soakSeconds() };
  }

  private async runSeed(seed: string): Promise<void> {
    const { progress } = this.request;
    if (this.stopped || this.timeIsOver()) return;
    progress.started();
    try {
      const result = await this.resultOf(seed);
      if (result !== undefined) this.ledger.add(result);
      progress.ended(result);
    } catch (error) {
      this.end.abort();
      throw error;
    }
  }

  private get stopped(): boolean {
    return this.end.signal.aborted;
  }

  private timeIsOver(): boolean {
    const { forMs, now } = this.request;
    return forMs !== undefined && now() - this.startedMs >= forMs;
  }

  private soakSeconds(): number {
    return this.earlierSeconds + (this.request.now() - this.startedMs) / 1000;
  }

  /** Undefined if the soak was stopped before there was one. */
  private async resultOf(seed: string): Promise<SeedResult | undefined> {
    const { folder, keepPassing } = this.request;
    const { plan } = folder.record;
    const options = resolveOptions(plan.case, drawSettings(seed, plan.swarm), () => seed);
    const end = await this.work(runArguments(options, folder.runsOf(seed)));
    const summary = end.kind === 'answered' && isRunSummary(end.answer) ? end.answer : undefined;
    let finding = summary === undefined ? this.findingOf(end, 'worker') : findingOfRun(summary);
    const interrupted = this.stopped && (summary === undefined || wasInterrupted(summary));
    if (interrupted || finding === undefined) return this.nothing(seed);
    let compared = false;
    if (plan.checkDeterminism && summary !== undefined && summary.hash !== '') {
      const again = await this.work(['replay', summary.runDir]);
      const second = this.findingOfReplay(again);
      if (second === undefined) return this.nothing(seed);
      compared = again.kind === 'answered';
      if (worseOutcome(finding.outcome, second.outcome) !== finding.outcome) finding = second;
    }
    if (end.kind !== 'answered' && end.kind !== 'stopped') this.keepWords(seed, end.stderr);
    const passed = finding.outcome === 'valid';
    if (passed && !keepPassing) folder.forget(seed);
    return {
      ...{ seed, ...finding, verdict: verdictOfOutcome(finding.outcome) },
      ...{ command: replayCommand(options, '') },
      runDir: passed && !keepPassing ? '' : this.runDir(seed, summary),
      hash: summary?.hash ?? '',
      compared,
      simulatedSeconds: summary?.simulatedSeconds ?? 0,
      wallSeconds: summary?.wallSeconds ?? 0,
      peakMemoryBytes: summary?.peakMemoryBytes ?? 0,
      nemeses: options.nemeses,
      soakSeconds: this.soakSeconds(),
    };
  }

  private work(args: readonly string[]): Promise<WorkerEnd> {
    const { program, timeoutMs, graceMs = GRACE_MS } = this.request;
    const asWorker = [...args, '--json', '--quiet', '--tied'];
    return runWorker({ program, args: asWorker, timeoutMs, graceMs, stop: this.end.signal });
  }

  private nothing(seed: string): undefined {
    this.request.folder.forget(seed);
    return undefined;
  }

  /** What a worker comes to that did not answer what it was asked. */
  private findingOf(end: WorkerEnd, check: string): Finding | undefined {
    if (end.kind === 'stopped') return undefined;
    if (end.kind !== 'answered') return { outcome: end.kind, check, cause: end.cause };
    return { outcome: 'crashed', check, cause: 'it answered something else than was asked' };
  }

  private findingOfReplay(end: WorkerEnd): Finding | undefined {
    if (end.kind !== 'answered' || !isReplayAnswer(end.answer))
      return this.findingOf(end, 'replay');
    const { same, difference, interrupted } = end.answer;
    if (interrupted && this.stopped) return undefined;
    if (interrupted) return { outcome: 'killed', check: 'replay', cause: ENDED_BY_ANOTHER };
    if (same) return { outcome: 'valid', check: '', cause: '' };
    return { outcome: 'mismatch', check: 'trace-hash', cause: `run twice: ${difference}` };
  }

  /** What a worker wrote on standard error before it ended in a way it should not. */
  private keepWords(seed: string, stderr: string): void {
    if (stderr === '') return;
    const folder = this.request.folder.runsOf(seed);
    StoreError.guard(folder, () => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'worker.log'), `${stderr}\n`);
    });
  }

  private runDir(seed: string, summary: RunSummary | undefined): string {
    const { folder } = this.request;
    const path = summary?.runDir ?? runsIn(folder.runsOf(seed)).at(-1) ?? folder.runsOf(seed);
    return folder.relative(path);
  }
}

const ENDED_BY_ANOTHER = 'somebody else asked the worker to end';

function findingOfRun(summary: RunSummary): Finding {
  if (wasInterrupted(summary)) {
    return { outcome: 'killed', check: 'worker', cause: ENDED_BY_ANOTHER };
  }
  const outcome = outcomeOfRun(summary);
  if (outcome === 'valid') return { outcome, check: '', cause: summary.cause };
  const { cause, checks } = summary;
  const culprit = checks.find((check) => check.verdict !== 'valid' && check.cause === cause);
  return { outcome, check: culprit?.name ?? 'run', cause };
}

/** Whether a run was ended by a signal before its time, and found nothing wrong up to then. */
function wasInterrupted({ verdict, checks }: RunSummary): boolean {
  if (verdict !== 'unknown') return false;
  return checks.some(
    ({ name, cause }) => name === 'run.complete' && cause.startsWith('interrupted'),
  );
}
