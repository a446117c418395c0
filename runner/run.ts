import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { assemble } from './assemble.ts';
import { composeReport } from './compose-report.ts';
import { HistoryFiles } from './history-files.ts';
import { LogFiles } from './log-files.ts';
import type { RunOptions } from './options.ts';
import { writePlan } from './plan-file.ts';
import type { Progress } from './progress.ts';
import { render } from './render.ts';
import type { RunReport } from './report.ts';
import { FILES, RunFolder, type RunRecord } from './run-folder.ts';
import { simulate } from './simulate.ts';
import type { Observer } from './simulation.ts';
import { versions } from './version.ts';

/**
 * The runner brings a case, a nemesis and a cluster together.
 *
 * ```
 *   flags ─┐                          ┌─ cluster ─┐
 *   file  ─┼─▶ options ─▶ assemble ───┼─ case     ├─▶ simulate ─▶ report ─▶ files, page, terminal
 *   preset ┘                          └─ plan    ─┘       │
 *                                                         └─▶ history, logs, as they come
 * ```
 *
 * 1. `settings.ts` is the table of everything that can be set; flags and `config.ts` read by it.
 * 2. `options.ts` leaves nothing open: equal options are equal runs.
 * 3. `assemble.ts` makes a cluster, a case and a plan of them, `simulate.ts` runs these through the
 *    phases, and `inject.ts` carries out the plan. Nothing up to here knows files or wall time.
 * 4. This file keeps what comes out: `history-files.ts` and `log-files.ts` while it runs,
 *    `compose-report.ts` at the end, `run-folder.ts` for where it all lies.
 * 5. `replay.ts` does the same again without keeping anything, and compares the traces.
 */

/** What is held back goes to the operating system this often; wall ms. */
const FLUSH_MS = 100;

/** A run on Node: what to run, where to keep it, and who watches. */
export interface RunRequest {
  readonly options: RunOptions;
  /** Folder of all runs. */
  readonly out: string;
  readonly progress: Progress;
  /** Whether the person has had enough. */
  stopping(): boolean;
}

/** Of so many drains one is a turn of Node's event loop, for signals, timers and sockets. */
const TURN_EVERY = 16;
let drains = 0;

/**
 * Lets user code run until it waits for the cluster again. It waits for promises only, and Node
 * comes to its next tick when none of them has anything left to do: a turn of the event loop, which
 * asks the operating system, would be no more and costs several times as much.
 */
export async function drain(): Promise<void> {
  if (++drains % TURN_EVERY === 0) await setImmediate();
  else await new Promise<void>((resolve) => process.nextTick(resolve));
}

/**
 * Runs a case and keeps everything in a folder of its own. The verdict is on disk before anything
 * is rendered. Throws a `StoreError` when the folder cannot be written.
 */
export async function run(request: RunRequest): Promise<RunReport> {
  const { options, progress } = request;
  const startedMs = performance.now();
  const record = newRecord(options);
  const folder = RunFolder.create(request.out, options, record.startedAt);
  folder.writeJson(FILES.run, record);
  const history = new HistoryFiles(folder.path);
  const logs = new LogFiles(folder.file(FILES.logs));
  const input = assemble(options, observer(request, history, logs), drain);
  folder.write(FILES.plan, writePlan(input.plan));
  const result = await simulate(input);
  await history.close();
  const report = await composeReport({
    ...{ options, result, logs, case: input.case, plan: input.plan, versions: record.versions },
    wallSeconds: (performance.now() - startedMs) / 1000,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    find: (indices) => history.find(indices),
    paths: { folder: folder.path, html: folder.file(FILES.html), plan: folder.file(FILES.plan) },
  });
  logs.close();
  folder.writeJson(FILES.run, { ...record, summary: report.summary });
  folder.writeCheckpoints(input.cluster.checkpoints);
  folder.writeJson(FILES.metrics, report.series);
  folder.write(FILES.report, JSON.stringify(report));
  render(folder, report, (trouble) => progress.say(trouble));
  return report;
}

/** What is known of a run before it starts. */
function newRecord(options: RunOptions): RunRecord {
  return {
    schema: 'wavetank.record/1',
    startedAt: new Date().toISOString(),
    versions: versions(),
    platform: `${process.platform} ${process.arch}`,
    options,
  };
}

function observer(request: RunRequest, history: HistoryFiles, logs: LogFiles): Observer {
  const { progress } = request;
  let flushedMs = performance.now();
  return {
    operation: (op) => history.append(op),
    log: (line) => logs.add(line),
    say: (text) => progress.say(text),
    stopping: () => request.stopping(),
    step(state) {
      progress.update(state);
      const ms = performance.now();
      if (ms - flushedMs < FLUSH_MS) return;
      flushedMs = ms;
      history.flush();
      logs.flush();
    },
  };
}
