import { NEMESES } from '../nemesis/index.ts';
import { DEFAULTS } from '../runner/defaults.ts';
import { resolveOptions } from '../runner/options.ts';
import { durationOf, wholeNumber } from '../runner/scalar.ts';
import { SETTING_LIST, type SettingName, type Settings, splitList } from '../runner/settings.ts';
import { SoakFolder, type SoakPlan } from '../runner/soak-folder.ts';
import { SEED_RANGE } from '../runner/soak-seeds.ts';
import { unknownName } from '../runner/suggest.ts';
import { SWARM_DIMENSIONS } from '../runner/swarm.ts';
import { RUN_TIME_RANGE, type RunTimeRange } from '../runner/swarm-run-time.ts';
import { UsageError } from '../runner/usage-error.ts';
import { DEFAULT_CASE } from './outcome.ts';
import { parseFlag } from './parse-flag.ts';
import { camelCased, parseSettings } from './parse-settings.ts';
import { readConfig } from './resolve.ts';
import { SOAK_DEFAULTS, type SoakFlags } from './soak-options.ts';

/** What to soak and where, with nothing left open. */
export interface ResolvedSoak {
  readonly folder: SoakFolder;
  readonly seeds: readonly string[];
  /** The seeds as they were written. */
  readonly range: string;
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly forMs: number | undefined;
  readonly out: string;
}

/**
 * Finds or makes the folder of a soak. Throws a `UsageError` for whatever cannot be done as asked;
 * nothing has been written then.
 */
export function resolveSoak(caseName: string | undefined, flags: SoakFlags): ResolvedSoak {
  const jobs = parseFlag('jobs', wholeNumber(1, 1024), flags.jobs) ?? SOAK_DEFAULTS.jobs;
  const timeoutMs = wallMs('timeout', flags.timeout) ?? SOAK_DEFAULTS.timeoutMs;
  const forMs = wallMs('for', flags.for);
  const given = parseFlag('seeds', SEED_RANGE, flags.seeds);
  const { folder, out } =
    flags.resume === undefined
      ? fromFlags(caseName, flags)
      : resumed(flags.resume, caseName, flags);
  const range = flags.seeds ?? folder.record.seeds;
  const seeds = given ?? SEED_RANGE.parse(range) ?? [];
  return { folder, seeds, range, jobs, timeoutMs, forMs, out };
}

interface Place {
  readonly folder: SoakFolder;
  readonly out: string;
}

/** A new soak, or the one in the folder named, if that has the same plan. */
function fromFlags(caseName: string | undefined, flags: SoakFlags): Place {
  const { plan, out } = planOf(caseName, flags);
  const { folder: path, seeds = SOAK_DEFAULTS.seeds } = flags;
  if (path === undefined || !SoakFolder.isOne(path)) {
    return { folder: SoakFolder.create(out, path, plan, seeds), out };
  }
  const folder = SoakFolder.open(path);
  demandSamePlan(folder, plan);
  return { folder, out };
}

function demandSamePlan({ path, record }: SoakFolder, plan: SoakPlan): void {
  const was: Readonly<Record<string, unknown>> = { ...record.plan, ...record.plan.swarm };
  const now: Readonly<Record<string, unknown>> = { ...plan, ...plan.swarm };
  const differs = Object.keys(now).find(
    (key) => key !== 'swarm' && JSON.stringify(was[key]) !== JSON.stringify(now[key]),
  );
  if (differs === undefined) return;
  throw new UsageError(
    `--folder: ${path} holds a soak whose ${differs} is ${JSON.stringify(was[differs])}, ` +
      `not ${JSON.stringify(now[differs])}: go on with it by --resume ${path}`,
  );
}

/** A soak that says itself what it soaks. */
function resumed(soak: string, caseName: string | undefined, flags: SoakFlags): Place {
  const settings = SETTING_LIST.map(([, { flag }]) => flag).filter((flag) => flag !== 'out');
  const fixed = [...settings, 'config', 'exclude-nemesis', 'check-determinism', 'folder'];
  const extra = fixed.find((flag) => flags[camelCased(flag)] !== undefined);
  if (extra !== undefined || caseName !== undefined) {
    const what = extra === undefined ? `case ${caseName}` : `--${extra}`;
    throw new UsageError(`--resume goes on with the plan of the soak: leave out ${what}`);
  }
  const { out } = parseSettings(flags);
  const folder = SoakFolder.find(out ?? DEFAULTS.out, soak);
  for (const name of folder.record.plan.swarm.nemeses) demandNemesis(name);
  return { folder, out: out ?? folder.store() ?? DEFAULTS.out };
}

/** Flags pin, and so does a file named by a flag; the file that happens to lie here does not. */
function planOf(caseName: string | undefined, flags: SoakFlags): { plan: SoakPlan; out: string } {
  const { runTime, ...rest } = flags;
  const file = readConfig(flags.config);
  const ofFile = flags.config === undefined ? withoutDrawn(file.settings) : file.settings;
  const settings: Settings = { ...ofFile, ...parseSettings(rest) };
  const named = caseName ?? file.case ?? DEFAULT_CASE;
  // Every name is checked now, not by a thousand workers.
  resolveOptions(named, settings, () => '0');
  const { out = DEFAULTS.out, seed: _, target: __, runTimeUs, ...pins } = settings;
  const fixed = runTimeUs === undefined ? undefined : { fromUs: runTimeUs, toUs: runTimeUs };
  const range: RunTimeRange =
    parseFlag('run-time', RUN_TIME_RANGE, runTime) ?? fixed ?? SOAK_DEFAULTS.runTime;
  const swarm = { pins, nemeses: drawable(flags, pins), runTime: range };
  const checkDeterminism = flags.checkDeterminism === true;
  return { plan: { case: named, swarm, checkDeterminism }, out };
}

function withoutDrawn(settings: Settings): Settings {
  const drawn: readonly SettingName[] = SWARM_DIMENSIONS;
  const kept = Object.entries(settings).filter(([name]) => !drawn.some((one) => one === name));
  return Object.fromEntries(kept);
}

function drawable({ excludeNemesis }: SoakFlags, pins: Settings): string[] {
  const excluded = splitList(excludeNemesis ?? '');
  if (excluded.length > 0 && pins.nemeses !== undefined) {
    throw new UsageError('--exclude-nemesis: --nemesis has already said which there are');
  }
  for (const name of excluded) demandNemesis(name);
  return NEMESES.map(({ name }) => name).filter((name) => !excluded.includes(name));
}

function demandNemesis(name: string): void {
  const known = NEMESES.map((nemesis) => nemesis.name);
  if (!known.includes(name)) throw unknownName('nemesis', name, known);
}

/** Wall time, in ms. */
function wallMs(flag: string, text: string | undefined): number | undefined {
  const us = parseFlag(flag, durationOf(1000), text);
  return us === undefined ? undefined : us / 1000;
}
