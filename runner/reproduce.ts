import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { breachIn } from './breach-episode.ts';
import { COLUMNS, type Column, ISSUE_LOG, ISSUE_RUN } from './issue-32624.ts';
import { kindOf, type MemoryLineKind, runsOf, wordsOf } from './memory-lines.ts';
import { resolveOptions } from './options.ts';
import { replayCommand } from './replay-command.ts';
import type { ColumnResult, Reproduction } from './reproduction.ts';
import { runArguments } from './run-arguments.ts';
import { FILES } from './run-folder.ts';
import type { Settings } from './settings.ts';
import { isRunSummary, runWorker, type WorkerProgram } from './soak-worker.ts';

/**
 * `wavetank reproduce 32624`: the run of the issue on the version that had it, and on one that has
 * not, with the same seed, each in a process of its own. Then the logs: does the first breach tell
 * the same story, line by line, as the log in the issue?
 */

/** Long enough for a worker to judge and write what it has; wall ms. */
const GRACE_MS = 30_000;

/** What to run, and where. */
export interface ReproduceRequest {
  readonly issue: string;
  readonly seed: string;
  /** Over the settings of the issue's run. */
  readonly settings: Settings;
  readonly jobs: number;
  readonly timeoutMs: number;
  /** Folder of all runs. */
  readonly out: string;
  readonly program: WorkerProgram;
  readonly stop: AbortSignal;
  /** Told of each column when it has ended. */
  readonly done: (column: ColumnResult) => void;
}

/** Runs every column. Whatever happens to a worker is a result. */
export async function reproduce(request: ReproduceRequest): Promise<Reproduction> {
  const limit = pLimit(request.jobs);
  const columns = await Promise.all(
    COLUMNS.map((column) =>
      limit(async () => {
        const result = await runColumn(request, column);
        request.done(result);
        return result;
      }),
    ),
  );
  const differences = columns.flatMap(unexpected);
  const [first] = columns as [ColumnResult, ...ColumnResult[]];
  const missing = missingKinds(first.lines);
  if (missing.length > 0) differences.push(`${first.title}: no line, in order: ${missing[0]}`);
  const reproduced = differences.length === 0;
  const issueLog = ISSUE_LOG.map(([kind, detail], i) => {
    const found = i < ISSUE_LOG.length - missing.length;
    return { kind, words: wordsOf(kind), count: 1, detail, found };
  });
  const { seed, issue } = request;
  const schema = 'wavetank.reproduce/1';
  return { schema, issue, seed, issueLog, columns, reproduced, differences };
}

async function runColumn(request: ReproduceRequest, column: Column): Promise<ColumnResult> {
  const { seed, out, program, timeoutMs, stop } = request;
  const settings = { ...ISSUE_RUN, ...request.settings, ...column.settings, seed };
  const options = resolveOptions('ledger', settings, () => seed);
  const args = [...runArguments(options, out), '--json', '--quiet', '--tied'];
  const { title, expected } = column;
  const common = { title, expected, command: replayCommand(options, '') };
  if (stop.aborted) return { ...common, trouble: 'not begun', lines: [] };
  const end = await runWorker({ program, args, timeoutMs, graceMs: GRACE_MS, stop });
  if (end.kind === 'answered' && isRunSummary(end.answer)) {
    const summary = end.answer;
    return { ...common, summary, trouble: '', lines: runsOf(breachOf(summary.runDir)) };
  }
  const trouble = 'cause' in end ? end.cause : 'it was stopped';
  return { ...common, trouble, lines: [] };
}

/** The breach to show of those that the TiDB nodes of a run wrote down. */
function breachOf(runDir: string): readonly string[] {
  const folder = join(runDir, FILES.logs);
  const files = readdirSync(folder).filter((name) => name.startsWith('tidb-'));
  const breaches = files
    .sort()
    .map((name) => breachIn(readFileSync(join(folder, name), 'utf8').split('\n')))
    .filter((lines) => lines.length > 0)
    // Lines begin with their time.
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return (
    breaches.find((lines) => lines.some((line) => kindOf(line) === 'panic')) ?? breaches[0] ?? []
  );
}

function unexpected({ title, expected, summary, trouble }: ColumnResult): string[] {
  if (summary === undefined) return [`${title}: ${trouble}`];
  if (summary.verdict === expected) return [];
  const cause = summary.cause === '' ? '' : ` (${summary.cause})`;
  return [`${title}: ${summary.verdict}, not ${expected}${cause}`];
}

/** Kinds of the issue's log that do not come, in its order, in a log. */
export function missingKinds(
  lines: readonly { readonly kind: MemoryLineKind }[],
): MemoryLineKind[] {
  let at = 0;
  for (const { kind } of lines) if (kind === ISSUE_LOG[at]?.[0]) at++;
  return ISSUE_LOG.slice(at).map(([kind]) => kind);
}
