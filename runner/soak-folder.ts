import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { runsIn } from './run-folder.ts';
import { StoreError } from './store-error.ts';
import type { Swarm } from './swarm.ts';
import { UsageError } from './usage-error.ts';
import { versions } from './version.ts';

/** Files of a soak folder. */
export const SOAK_FILES = {
  /** What is soaked: a {@link SoakRecord}. */
  record: 'soak.json',
  ledger: 'ledger.ndjson',
  /** The number of the process that is at it. */
  lock: 'soak.pid',
  /** A folder for each seed whose run is kept. */
  runs: 'runs',
  junit: 'junit.xml',
  summary: 'summary.json',
  text: 'summary.txt',
} as const;

/** Folder of all soaks inside the store. */
const SOAKS = 'soak';

/** What is soaked. Two sessions of one soak have the same, but for the seeds. */
export interface SoakPlan {
  /** Name of a case. */
  readonly case: string;
  readonly swarm: Swarm;
  /** Whether each seed is run twice and the traces are compared. */
  readonly checkDeterminism: boolean;
}

/** What `soak.json` holds. */
export interface SoakRecord {
  readonly schema: 'wavetank.soak-record/1';
  /** ISO 8601, wall time. */
  readonly startedAt: string;
  readonly versions: ReturnType<typeof versions>;
  readonly plan: SoakPlan;
  /** As on the command line: `1..1000`. */
  readonly seeds: string;
}

/** The folder `<out>/soak/<time>/`, or one that a person named. */
export class SoakFolder {
  readonly path: string;
  readonly record: SoakRecord;

  private constructor(path: string, record: SoakRecord) {
    this.path = path;
    this.record = record;
  }

  /** Makes a new folder: at `path`, or in the store under a name made of the time. */
  static create(out: string, path: string | undefined, plan: SoakPlan, seeds: string): SoakFolder {
    const startedAt = new Date().toISOString();
    const record: SoakRecord = {
      ...{ schema: 'wavetank.soak-record/1', startedAt, versions: versions(), plan, seeds },
    };
    const folder = new SoakFolder(path ?? unusedPath(out, startedAt), record);
    StoreError.guard(folder.path, () => mkdirSync(folder.path, { recursive: true }));
    folder.write(SOAK_FILES.record, `${JSON.stringify(record, null, 2)}\n`);
    return folder;
  }

  /** Opens a folder that holds a soak. Throws a `UsageError` if it does not. */
  static open(path: string): SoakFolder {
    const file = join(path, SOAK_FILES.record);
    if (!existsSync(file)) throw new UsageError(`${path}: no soak: it has no ${SOAK_FILES.record}`);
    return new SoakFolder(path, parseRecord(file, readFileSync(file, 'utf8')));
  }

  /** Whether a folder holds a soak. */
  static isOne(path: string): boolean {
    return existsSync(join(path, SOAK_FILES.record));
  }

  /** Every soak below `out`, oldest first: the names begin with the time. */
  static all(out: string): string[] {
    const parent = join(out, SOAKS);
    if (!existsSync(parent)) return [];
    const paths = readdirSync(parent).map((name) => join(parent, name));
    return paths.filter(SoakFolder.isOne).sort((a, b) => (a < b ? -1 : 1));
  }

  /** Finds a soak by the path of its folder, by the folder's name, or as `last`. */
  static find(out: string, soak: string): SoakFolder {
    if (SoakFolder.isOne(soak)) return SoakFolder.open(soak);
    const all = SoakFolder.all(out);
    const found = soak === 'last' ? all.at(-1) : all.find((path) => basename(path) === soak);
    if (found !== undefined) return SoakFolder.open(found);
    const known =
      all.length === 0 ? `no soaks in ${join(out, SOAKS)}/` : `the newest is ${all.at(-1)}`;
    throw new UsageError(`no soak "${soak}": expected a soak folder, its name, or last (${known})`);
  }

  /** The store that this soak lies in; undefined if it lies in none. */
  store(): string | undefined {
    const parent = dirname(this.path);
    return basename(parent) === SOAKS ? dirname(parent) : undefined;
  }

  /** Full path of a file of this soak. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes a whole file. */
  write(name: string, text: string): void {
    const path = this.file(name);
    StoreError.guard(path, () => writeFileSync(path, text));
  }

  /** Where the runs of a seed lie. */
  runsOf(seed: string): string {
    return join(this.path, SOAK_FILES.runs, seed);
  }

  /** Folders of all runs that are kept. */
  keptRuns(): string[] {
    return this.keptSeeds().flatMap((seed) => runsIn(this.runsOf(seed)));
  }

  /** A path inside this folder, as it is written down: the folder may be moved. */
  relative(path: string): string {
    return relative(this.path, path);
  }

  /** Removes what the runs of a seed left behind. */
  forget(seed: string): void {
    const path = this.runsOf(seed);
    StoreError.guard(path, () => rmSync(path, { recursive: true, force: true }));
  }

  /** Removes the runs of seeds that have no result: an earlier session was cut off in them. */
  forgetAllBut(seeds: ReadonlySet<string>): void {
    for (const seed of this.keptSeeds()) if (!seeds.has(seed)) this.forget(seed);
  }

  private keptSeeds(): string[] {
    const runs = this.file(SOAK_FILES.runs);
    return existsSync(runs) ? readdirSync(runs) : [];
  }

  /**
   * Claims the folder for this process; gives the function that gives it back. Two soaks in one
   * folder would remove each other's runs. Throws a `UsageError` if another process is at it; a
   * claim whose process is gone counts for nothing.
   */
  claim(): () => void {
    const path = this.file(SOAK_FILES.lock);
    if (existsSync(path)) {
      const holder = Number(readFileSync(path, 'utf8'));
      if (isAlive(holder)) {
        throw new UsageError(`${this.path}: process ${holder} is soaking here; end it first`);
      }
    }
    this.write(SOAK_FILES.lock, `${process.pid}\n`);
    return () => rmSync(path, { force: true });
  }
}

function unusedPath(out: string, startedAt: string): string {
  const wanted = join(out, SOAKS, startedAt.replace(/[-:]|\.\d+/g, ''));
  let path = wanted;
  for (let n = 2; existsSync(path); n++) path = `${wanted}-${n}`;
  return path;
}

function parseRecord(file: string, text: string): SoakRecord {
  let record: SoakRecord;
  try {
    record = JSON.parse(text) as SoakRecord;
  } catch {
    throw new UsageError(`${file}: not JSON`);
  }
  if (record.schema === 'wavetank.soak-record/1') return record;
  throw new UsageError(`${file}: schema ${String(record.schema)}, expected wavetank.soak-record/1`);
}

/** Signal 0 reaches whoever is there; a process that is not ours to signal is there too. */
function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
