import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { SETTING_LIST, type SettingName } from '../runner/settings.ts';
import { SWARM_DIMENSIONS } from '../runner/swarm.ts';
import { formatRunTime, SHORT_RUNS } from '../runner/swarm-run-time.ts';
import type { OutputFlags } from './outcome.ts';
import type { RawFlags } from './parse-settings.ts';
import { defaultText, settingOption, withConfig } from './setting-options.ts';

/** What a soak takes beside the settings of a run. */
export type SoakFlags = RawFlags &
  OutputFlags & {
    readonly config?: string | false;
    readonly seeds?: string;
    readonly runTime?: string;
    readonly excludeNemesis?: string;
    readonly jobs?: string;
    readonly for?: string;
    readonly timeout?: string;
    readonly checkDeterminism?: true;
    readonly keepPassing?: true;
    readonly folder?: string;
    readonly resume?: string;
  };

/** Defaults of those. Wall time in ms. */
export const SOAK_DEFAULTS = {
  seeds: '1..100',
  runTime: SHORT_RUNS,
  jobs: availableParallelism(),
  timeoutMs: 15 * 60 * 1000,
} as const;

/** Settings of a run that a soak decides in another way. */
const OTHERWISE: readonly SettingName[] = ['seed', 'runTimeUs', 'target'];

/** Describes `soak` and gives it its flags. */
export function withSoakOptions(command: Command): Command {
  command
    .description('run many seeds, each in a process and with a configuration of its own')
    .option('--seeds <a..b>', `which seeds (default: ${SOAK_DEFAULTS.seeds})`)
    .option('--jobs <n>', 'workers at a time (default: one for each core)')
    .option('--for <duration>', 'start no seed after so much wall time')
    .option('--check-determinism', 'run each seed twice and compare the traces')
    .option('--timeout <duration>', 'wall time for one worker (default: 15m)')
    .option('--keep-passing', 'keep the folders of runs that pass too')
    .option('--folder <folder>', 'where the soak lies; one that was begun there goes on')
    .option('--resume <soak>', 'go on with a soak: its folder, its name, or last')
    .option('--exclude-nemesis <a,b,…>', 'draw from all nemeses but these')
    .option(
      '--run-time <a..b>',
      `virtual time under faults; one value or a range (default: ${formatRunTime(SHORT_RUNS)})`,
    );
  const drawn: readonly SettingName[] = SWARM_DIMENSIONS;
  for (const [name, setting] of SETTING_LIST) {
    if (OTHERWISE.includes(name)) continue;
    const text = drawn.includes(name) ? ' (default: drawn for each seed)' : defaultText(name);
    command.addOption(settingOption(setting, text));
  }
  return withConfig(command, 'settings for all seeds; flags win over them')
    .option('--json', 'print one JSON object on standard output, everything else elsewhere')
    .option('--quiet', 'print no progress');
}
