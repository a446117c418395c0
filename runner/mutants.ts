import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import {
  adversityOf,
  type MutantGroup,
  type MutantRecipe,
  nameOf,
  optionsOf,
} from './mutant-recipe.ts';
import { writePlan } from './plan-file.ts';
import { replayCommand } from './replay-command.ts';
import type { RunReport, RunSummary } from './report.ts';
import { runArguments } from './run-arguments.ts';
import { FILES } from './run-folder.ts';
import { isRunSummary, runWorker, type WorkerEnd, type WorkerProgram } from './soak-worker.ts';
import { StoreError } from './store-error.ts';

/**
 * Does the harness itself see? Each seeded defect is run by its recipe, in a process of its own,
 * and must end invalid; the same run without the defect must end valid.
 *
 * ```
 *   recipe ──▶ with the defect, seed by seed ──▶ invalid: killed, by which check, after how long
 *         ├──▶ without it                    ──▶ valid: the alarm was about the defect
 *         └──▶ with one defect of several    ──▶ valid: it takes the pair
 * ```
 *
 * A kill proves little without the control: a check that always fails kills everything. Recipes
 * that share a control run it once.
 */

/** Long enough for a worker to judge and write what it has; wall ms. */
const GRACE_MS = 10_000;

/** Which recipes to run, and where. */
export interface MutantsRequest {
  readonly recipes: readonly MutantRecipe[];
  /** Workers at a time. */
  readonly jobs: number;
  /** Wall time for one worker, in ms. */
  readonly timeoutMs: number;
  /** Folder for plans and runs; what ended as it should is removed from it. */
  readonly folder: string;
  readonly program: WorkerProgram;
  /** Told of each recipe when all of its runs have ended. */
  readonly done: (result: MutantResult) => void;
  /** Aborted when the person has had enough. */
  readonly stop: AbortSignal;
}

/** How a run with defects, or its control, ended. */
export interface MutantRun {
  readonly seed: string;
  /** The defects that were on; none in a control. */
  readonly bugs: readonly string[];
  /** The run's verdict; `failed` if the worker gave none, `stopped` if it was not let finish. */
  readonly verdict: RunSummary['verdict'] | 'failed' | 'stopped';
  /** The check that decided, and the rule if that is one of the assertions. Empty when valid. */
  readonly check: string;
  readonly cause: string;
  /** When the first bad thing happened: virtual µs from the start of the safety phase. */
  readonly detectedUs?: number;
  readonly wallSeconds: number;
  /** The shell line that does the same run. */
  readonly command: string;
}

/** What came of one recipe. */
export interface MutantResult {
  readonly name: string;
  readonly group: MutantGroup;
  /** What goes wrong besides: nemeses or faults. */
  readonly adversity: string;
  /** `killed`: some seed ended invalid. `unsettled`: a worker failed, or was stopped. */
  readonly outcome: 'killed' | 'survived' | 'unsettled';
  /** The runs with all defects on; the last one decided. */
  readonly tried: readonly MutantRun[];
  /** The same run without any defect, and with each of several alone: all must be valid. */
  readonly controls: readonly MutantRun[];
}

/** Whether a defect was seen, and nothing was seen without it. */
export function isProved({ outcome, controls }: MutantResult): boolean {
  return outcome === 'killed' && controls.every(({ verdict }) => verdict === 'valid');
}

/**
 * Runs every recipe with its controls; results in the order of the recipes. Whatever happens to a
 * worker is a result. Throws a `StoreError` when the folder cannot be written.
 */
export async function runMutants(request: MutantsRequest): Promise<readonly MutantResult[]> {
  const runs = new MutantRuns(request);
  return Promise.all(
    request.recipes.map(async (recipe) => {
      const result = await resultOf(recipe, runs);
      request.done(result);
      return result;
    }),
  );
}

async function resultOf(recipe: MutantRecipe, runs: MutantRuns): Promise<MutantResult> {
  const tried: MutantRun[] = [];
  for (const seed of recipe.seeds) {
    const run = await runs.run(recipe, seed, recipe.bugs);
    tried.push(run);
    if (run.verdict !== 'valid' && run.verdict !== 'unknown') break;
  }
  const last = tried.at(-1) as MutantRun;
  const alone = recipe.bugs.length === 1 ? [] : recipe.bugs.map((bug) => [bug]);
  const controls = [[], ...alone].map((bugs) => runs.run(recipe, last.seed, bugs));
  const { group } = recipe;
  const outcome = outcomeOf(last);
  const common = { name: nameOf(recipe), group, adversity: adversityOf(recipe), outcome, tried };
  return { ...common, controls: await Promise.all(controls) };
}

function outcomeOf({ verdict }: MutantRun): MutantResult['outcome'] {
  if (verdict === 'invalid') return 'killed';
  return verdict === 'failed' || verdict === 'stopped' ? 'unsettled' : 'survived';
}

/** Runs in worker processes, a few at a time; the same run is done once. */
class MutantRuns {
  private readonly request: MutantsRequest;
  private readonly limit;
  private readonly known = new Map<string, Promise<MutantRun>>();

  constructor(request: MutantsRequest) {
    this.request = request;
    this.limit = pLimit(request.jobs);
  }

  run(recipe: MutantRecipe, seed: string, bugs: readonly string[]): Promise<MutantRun> {
    const key = JSON.stringify(optionsOf(recipe, seed, bugs));
    let run = this.known.get(key);
    if (run === undefined) {
      const place = join(this.request.folder, String(this.known.size + 1));
      run = this.limit(() => this.inWorker(recipe, seed, bugs, place));
      this.known.set(key, run);
    }
    return run;
  }

  private async inWorker(
    recipe: MutantRecipe,
    seed: string,
    bugs: readonly string[],
    place: string,
  ): Promise<MutantRun> {
    const { program, timeoutMs, stop } = this.request;
    const options = optionsOf(recipe, seed, bugs);
    const planFile = writtenPlan(place, options.plan);
    const args = [...runArguments(options, place, planFile), '--json', '--quiet', '--tied'];
    const command = replayCommand(options, planFile ?? '');
    const end: WorkerEnd = stop.aborted
      ? { kind: 'stopped' }
      : await runWorker({ program, args, timeoutMs, graceMs: GRACE_MS, stop });
    const run = { seed, bugs, command, ...finding(end, stop.aborted) };
    const expected = bugs.length === recipe.bugs.length ? 'invalid' : 'valid';
    if (run.verdict === expected) rmSync(place, { recursive: true, force: true });
    return run;
  }
}

function writtenPlan(place: string, plan: Parameters<typeof writePlan>[0] | undefined) {
  if (plan === undefined) return undefined;
  const file = join(place, FILES.plan);
  StoreError.guard(file, () => {
    mkdirSync(place, { recursive: true });
    writeFileSync(file, writePlan(plan));
  });
  return file;
}

type Finding = Omit<MutantRun, 'seed' | 'bugs' | 'command'>;

function finding(end: WorkerEnd, stopped: boolean): Finding {
  const nothing = { check: '', cause: '', wallSeconds: 0 };
  if (end.kind === 'stopped') return { ...nothing, verdict: 'stopped' };
  if (end.kind !== 'answered' || !isRunSummary(end.answer)) {
    const cause = end.kind === 'answered' ? 'it answered something else than was asked' : end.cause;
    return { ...nothing, verdict: 'failed', check: 'worker', cause };
  }
  const { verdict, cause, wallSeconds, runDir, checks } = end.answer;
  if (stopped && verdict === 'unknown') return { ...nothing, verdict: 'stopped' };
  if (verdict !== 'invalid') {
    const culprit = checks.find((check) => check.verdict !== 'valid' && check.cause === cause);
    return { verdict, check: culprit?.name ?? '', cause, wallSeconds };
  }
  const report = JSON.parse(readFileSync(join(runDir, FILES.report), 'utf8')) as RunReport;
  return { verdict, wallSeconds, ...firstAlarm(report) };
}

/** The check that decided: the one whose first bad thing came first. */
function firstAlarm(report: RunReport): Pick<Finding, 'check' | 'cause' | 'detectedUs'> {
  const { cause } = report.summary;
  const culprit = report.checks.find(
    (check) => check.verdict === 'invalid' && check.cause === cause,
  );
  const { name = 'run', atUs } = culprit ?? {};
  // An assertion begins with the rule that was violated.
  const [rule = ''] = name === 'cluster.invariants' ? cause.split(':') : [];
  const check = rule === '' ? name : rule;
  const startUs = report.phases.find((phase) => phase.name === 'safety')?.fromUs ?? 0;
  return { check, cause, ...(atUs === undefined ? {} : { detectedUs: atUs - startUs }) };
}
