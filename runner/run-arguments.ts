import type { RunOptions } from './options.ts';
import { shownSettings } from './replay-command.ts';

/**
 * The command line of a worker that does exactly this run: every setting is spelt out, and no
 * configuration file is read.
 *
 * @param planFile where the plan lies, if the options have one of their own
 */
export function runArguments(options: RunOptions, out: string, planFile?: string): string[] {
  const settings = shownSettings(options)
    .filter(({ name }) => name !== 'bugs' || options.bugs.length > 0)
    .map(({ flag, value }) => `--${flag}=${value}`);
  const plan = planFile === undefined ? [] : [`--plan=${planFile}`];
  return ['run', options.case, ...settings, '--no-config', `--out=${out}`, ...plan];
}
