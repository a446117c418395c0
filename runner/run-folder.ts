import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Checkpoint } from '../cluster/sim/trace.ts';
import type { RunOptions } from './options.ts';
import type { RunReport, RunSummary } from './report.ts';
import { StoreError } from './store-error.ts';
import { UsageError } from './usage-error.ts';

/** Files of a run folder. The history and the logs have classes of their own. */
export const FILES = {
  run: 'run.json',
  plan: 'plan.yaml',
  report: 'report.json',
  html: 'report.html',
  junit: 'junit.xml',
  checkpoints: 'checkpoints.txt',
  metrics: 'metrics.json',
  logs: 'logs',
} as const;

/** What `run.json` holds: enough to run the same run again, and what came of it. */
export interface RunRecord {
  readonly schema: 'wavetank.record/1';
  /** ISO 8601, wall time. */
  readonly startedAt: string;
  readonly versions: RunReport['versions'];
  readonly platform: string;
  readonly options: RunOptions;
  /** Absent while the run lasts, and for ever if the process was killed. */
  readonly summary?: RunSummary;
}

/** The folder `<out>/<case>/<time>-<seed>/` that a run leaves behind. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes a new folder, and the one for the logs inside it. */
  static create(out: string, options: RunOptions, startedAt: string): RunFolder {
    const time = startedAt.replace(/[-:]|\.\d+/g, '');
    const parent = join(out, options.case);
    return StoreError.guard(parent, () => {
      mkdirSync(parent, { recursive: true });
      const wanted = join(parent, `${time}-${options.seed}`);
      let path = wanted;
      for (let n = 2; existsSync(path); n++) path = `${wanted}-${n}`;
      mkdirSync(path);
      mkdirSync(join(path, FILES.logs));
      return new RunFolder(path);
    });
  }

  /**
   * Finds a run by the path of its folder, by the folder's name, or as `last`. Throws a
   * `UsageError` that says what there is.
   */
  static find(out: string, run: string): RunFolder {
    if (existsSync(join(run, FILES.run))) return new RunFolder(run);
    const all = runsIn(out);
    const named = all.filter((path) => basename(path) === run);
    const found = run === 'last' ? all.at(-1) : named.at(-1);
    if (found !== undefined) return new RunFolder(found);
    const known = all.length === 0 ? `no runs in ${out}/` : `the newest is ${all.at(-1)}`;
    throw new UsageError(`no run "${run}": expected a run folder, its name, or last (${known})`);
  }

  /** Full path of a file of this run. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes a whole file. */
  write(name: string, text: string): void {
    const path = this.file(name);
    StoreError.guard(path, () => writeFileSync(path, text));
  }

  /** Writes a JSON file that a person can read. */
  writeJson(name: string, value: unknown): void {
    this.write(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** Writes the trace's checkpoints, one a line: events, virtual µs, hash. */
  writeCheckpoints(checkpoints: readonly Checkpoint[]): void {
    const lines = checkpoints.map(({ events, timeUs, hash }) => `${events} ${timeUs} ${hash}\n`);
    this.write(FILES.checkpoints, lines.join(''));
  }

  /** Reads them back; empty if the run never came to write them. */
  readCheckpoints(): Checkpoint[] {
    const path = this.file(FILES.checkpoints);
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [events, timeUs, hash = ''] = line.split(' ');
        return { events: Number(events), timeUs: Number(timeUs), hash };
      });
  }

  /** Reads `run.json`. Throws a `UsageError` if it is not one of ours. */
  readRecord(): RunRecord {
    const path = this.file(FILES.run);
    const record = parseJson(path, readFileSync(path, 'utf8'));
    if (record.schema === 'wavetank.record/1') return record;
    throw new UsageError(`${path}: schema ${String(record.schema)}, expected wavetank.record/1`);
  }
}

function parseJson(path: string, text: string): RunRecord {
  try {
    return JSON.parse(text) as RunRecord;
  } catch {
    throw new UsageError(`${path}: not JSON; the run was cut off while it was written`);
  }
}

/** Every run below `out`, oldest first: the names begin with the time. */
export function runsIn(out: string): string[] {
  return foldersIn(out)
    .map((name) => join(out, name))
    .flatMap((folder) => foldersIn(folder).map((run) => join(folder, run)))
    .filter((path) => existsSync(join(path, FILES.run)))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}

function foldersIn(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path).filter((name) => statSync(join(path, name)).isDirectory());
}
