import { type Command, Option } from 'commander';
import { DEFAULTS } from '../runner/defaults.ts';
import { formatDuration } from '../runner/duration.ts';
import { SETTING_LIST, type Setting, type SettingName } from '../runner/settings.ts';

/** Gives a command one flag for each setting of a run, and those that say where more stand. */
export function withSettings(command: Command): Command {
  for (const [name, setting] of SETTING_LIST) {
    command.addOption(settingOption(setting, defaultText(name)));
  }
  return withConfig(
    command,
    'settings; flags win over them (default: harness.config.yaml if there is one)',
  );
}

/** Gives a command the flags that say which file settings are read from. */
export function withConfig(command: Command, help: string): Command {
  return command
    .option('--config <file>', help)
    .option('--no-config', 'read no settings from any file');
}

/** The flag of a setting; `otherwise` says what it is when left out. */
export function settingOption(setting: Setting<unknown>, otherwise: string): Option {
  const { flag, value, help } = setting;
  return new Option(`--${flag} ${value}`, help + otherwise);
}

/** What a setting is when nobody sets it, for the help text. */
export function defaultText(name: SettingName): string {
  const defaults: Partial<Record<SettingName, unknown>> = DEFAULTS;
  const value = defaults[name];
  if (name === 'seed') return ' (default: a new one for each run)';
  if (value === undefined) return ' (default: the preset’s)';
  if (typeof value === 'number' && name.endsWith('Us'))
    return ` (default: ${formatDuration(value)})`;
  if (Array.isArray(value)) return value.length === 0 ? '' : ` (default: ${value.join(',')})`;
  return ` (default: ${String(value)})`;
}
