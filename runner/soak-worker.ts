import { execa, type Options } from 'execa';
import type { RunSummary } from './report.ts';

/** How workers are started: the program and what stands in front of its arguments. */
export interface WorkerProgram {
  readonly file: string;
  readonly before: readonly string[];
}

/** This very program, with the flags of Node that it was started with. */
export function ownProgram(): WorkerProgram {
  const script = process.argv[1] ?? '';
  return { file: process.execPath, before: [...process.execArgv, script] };
}

/** How a worker process ended. */
export type WorkerEnd =
  /** It printed its one object; whatever exit code it chose is in there. */
  | { readonly kind: 'answered'; readonly answer: unknown }
  /** Ended by a signal that was not ours. */
  | { readonly kind: 'killed'; readonly cause: string; readonly stderr: string }
  /** Ended by us because its time was over. */
  | { readonly kind: 'hung'; readonly cause: string; readonly stderr: string }
  /** Ended by itself without an answer. */
  | { readonly kind: 'crashed'; readonly cause: string; readonly stderr: string }
  /** Ended by us because the soak was stopped. */
  | { readonly kind: 'stopped' };

/** What a worker is to do. */
export interface WorkerJob {
  readonly program: WorkerProgram;
  readonly args: readonly string[];
  /** Wall time it may take, in ms. */
  readonly timeoutMs: number;
  /** Wall time between asking it to end and killing it, in ms. */
  readonly graceMs: number;
  /** Ends the worker when aborted. */
  readonly stop: AbortSignal;
}

/**
 * Runs one process to its end and says how it ended. Never throws: whatever happens to a worker is
 * a result. A worker that must end gets SIGTERM, upon which it writes what it has, and a moment
 * later SIGKILL.
 */
export async function runWorker(job: WorkerJob): Promise<WorkerEnd> {
  const { program, args, timeoutMs, graceMs, stop } = job;
  const options = {
    reject: false,
    // Nothing is ever written to it: it closes when this process is gone, whatever the reason.
    stdin: 'pipe',
    timeout: timeoutMs,
    forceKillAfterDelay: graceMs,
    cancelSignal: stop,
  } as const satisfies Options;
  const result = await execa(program.file, [...program.before, ...args], options);
  const answer = answerIn(result.stdout);
  if (result.timedOut) return { ...ended('hung', result), cause: tookTooLong(timeoutMs, result) };
  // A worker that answered before it noticed that it was to stop has given a whole result.
  if (answer !== undefined) return { kind: 'answered', answer };
  if (result.isCanceled) return { kind: 'stopped' };
  if (outOfMemory(result)) return { ...ended('crashed', result), cause: 'out of memory' };
  if (result.signal === undefined)
    return { ...ended('crashed', result), cause: whatItSaid(result) };
  const who = result.signal === 'SIGKILL' ? ', by hand or by a system short of memory' : '';
  return { ...ended('killed', result), cause: `killed by ${result.signal}${who}` };
}

/** The part of execa's result that is looked at. */
interface Ended {
  readonly stderr: string;
  readonly signal?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly shortMessage?: string | undefined;
}

function ended<K extends string>(kind: K, { stderr }: Ended): { kind: K; stderr: string } {
  return { kind, stderr };
}

function tookTooLong(timeoutMs: number, { signal }: Ended): string {
  const how = signal === 'SIGKILL' ? ' and did not end when asked to' : '';
  return `no result within ${timeoutMs / 1000} s of wall time${how}`;
}

/** The engine gives up with a signal of its own, after it has said why. */
function outOfMemory({ stderr }: Ended): boolean {
  return /heap out of memory|Array buffer allocation failed/.test(stderr);
}

/** The line of standard error that says most: the message of an error, or else the last line. */
function whatItSaid({ stderr, exitCode, shortMessage }: Ended): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const message = lines.find((line) => /^(wavetank: cannot|Uncaught|\w*Error\b)/.test(line.trim()));
  const said = message ?? lines.at(-1);
  if (exitCode === undefined) return shortMessage ?? 'it could not be started';
  return said?.trim() ?? `exit code ${exitCode} and no word`;
}

function answerIn(stdout: string): unknown {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) return undefined;
  try {
    return JSON.parse(last);
  } catch {
    return undefined;
  }
}

/** Whether an answer is the summary of a run. */
export function isRunSummary(answer: unknown): answer is RunSummary {
  return schemaOf(answer) === 'wavetank.run/1';
}

/** What `replay --json` answers. */
export interface ReplayAnswer {
  readonly schema: 'wavetank.replay/1';
  readonly same: boolean;
  readonly hash: string;
  readonly difference: string;
  readonly interrupted: boolean;
}

/** Whether an answer is that of a replay. */
export function isReplayAnswer(answer: unknown): answer is ReplayAnswer {
  return schemaOf(answer) === 'wavetank.replay/1';
}

function schemaOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'schema' in answer
    ? answer.schema
    : undefined;
}
