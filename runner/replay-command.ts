import { formatMemoryMix, type MemoryMix, PRESET_SCALES } from '../cases/index.ts';
import { formatBytes } from './byte-size.ts';
import { DEFAULTS } from './defaults.ts';
import { formatDuration } from './duration.ts';
import type { RunOptions } from './options.ts';
import { formatScale } from './scale.ts';
import { SETTING_LIST, type SettingName } from './settings.ts';

/**
 * The shell line that runs the same run again, from nothing but the package: the seed, and every
 * option that is not at its default.
 *
 * @param planFile path of the plan, for a run whose plan was given by hand
 */
export function replayCommand(options: RunOptions, planFile: string): string {
  const flags = shownSettings(options)
    .filter(
      ({ name, value }) => name === 'seed' || value !== printed(name, defaultOf(name, options)),
    )
    .map(({ flag, value }) => `--${flag}=${value}`);
  const plan = options.plan === undefined ? [] : [`--plan=${planFile}`];
  return ['npx wavetank run', options.case, ...flags, ...plan].map(quoted).join(' ');
}

/** A setting as it is printed. */
interface Shown {
  readonly name: SettingName;
  readonly flag: string;
  readonly value: string;
}

/** Every setting that decides a run, as flags would say it, in the order of the help text. */
export function shownSettings(options: RunOptions): Shown[] {
  const { caseOverrides, memory, ...own } = options;
  const values: Partial<Record<SettingName, unknown>> = { ...own, ...caseOverrides, ...memory };
  return SETTING_LIST.flatMap(([name, { flag }]) => {
    const value = values[name];
    return value === undefined ? [] : [{ name, flag, value: printed(name, value) }];
  });
}

function defaultOf(name: SettingName, { preset }: RunOptions): unknown {
  if (name === 'scaleDenominator') return PRESET_SCALES[preset];
  const defaults: Partial<Record<SettingName, unknown>> = DEFAULTS;
  return defaults[name];
}

function printed(name: SettingName, value: unknown): string {
  if (value === undefined) return '';
  if (name === 'scaleDenominator') return formatScale(Number(value));
  if (name === 'memoryMix') return formatMemoryMix(value as MemoryMix);
  if (name.endsWith('Us')) return formatDuration(Number(value));
  if (name.endsWith('Bytes')) return formatBytes(Number(value));
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  return String(value);
}

/** Quotes a word for a shell if it needs it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./ -]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
