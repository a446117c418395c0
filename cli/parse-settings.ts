import {
  SETTING_LIST,
  type Setting,
  type SettingName,
  type Settings,
  splitList,
} from '../runner/settings.ts';
import { UsageError } from '../runner/usage-error.ts';

/** Flags as commander hands them over: camel-cased flag name to text. */
export type RawFlags = Readonly<Record<string, unknown>>;

/**
 * The settings that flags gave. Throws a `UsageError` with one line that names the flag, what was
 * expected, and what was there.
 */
export function parseSettings(flags: RawFlags): Settings {
  const settings: Partial<Record<SettingName, unknown>> = {};
  for (const [name, setting] of SETTING_LIST) {
    const text = flags[camelCased(setting.flag)];
    if (typeof text === 'string') settings[name] = readFlag(setting, text);
  }
  // Each value was read by the setting's own scalar, so it has the setting's type.
  return settings as Settings;
}

function readFlag(setting: Setting<unknown>, text: string): unknown {
  if (setting.many) return splitList(text);
  const value = setting.scalar.parse(text);
  if (value !== undefined) return value;
  throw new UsageError(`--${setting.flag}: expected ${setting.scalar.expected}, got "${text}"`);
}

/** A flag as commander names its value: `run-time` is `runTime`. */
export function camelCased(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
