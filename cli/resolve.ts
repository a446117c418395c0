import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type FileSettings, loadConfig } from '../runner/config.ts';
import { DEFAULTS } from '../runner/defaults.ts';
import { type RunOptions, resolveOptions, topologyFor } from '../runner/options.ts';
import { readPlan } from '../runner/plan-file.ts';
import { UsageError } from '../runner/usage-error.ts';
import { DEFAULT_CASE, type RunFlags } from './outcome.ts';
import { parseSettings } from './parse-settings.ts';

/** What to run, and where to keep it. */
export interface Resolved {
  readonly options: RunOptions;
  readonly out: string;
}

/** Flags over file over defaults. Throws a `UsageError` for whatever cannot be done as asked. */
export function resolve(caseName: string | undefined, flags: RunFlags): Resolved {
  const given = parseSettings(flags);
  const file = readConfig(flags.config);
  const settings = { ...file.settings, ...given };
  const named = caseName ?? file.case ?? DEFAULT_CASE;
  const options = resolveOptions(named, settings, drawSeed);
  const out = settings.out ?? DEFAULTS.out;
  return { options: flags.plan === undefined ? options : withPlan(options, flags.plan), out };
}

/** The settings of the file asked for, of the one that lies here, or of none. */
export function readConfig(config: string | false | undefined): FileSettings {
  return config === false ? { settings: {} } : loadConfig(config);
}

function withPlan(options: RunOptions, file: string): RunOptions {
  if (!existsSync(file)) throw new UsageError(`--plan: no file ${file}`);
  const text = readFileSync(file, 'utf8');
  return { ...options, plan: readPlan(file, text, topologyFor(options), options.runTimeUs) };
}

/** 64 bits that nobody chose. */
function drawSeed(): string {
  return randomBytes(8).readBigUInt64LE().toString();
}
