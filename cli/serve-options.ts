import type { Command } from 'commander';
import { AUTH_PLUGINS } from '../cluster/wire/auth.ts';
import { DEFAULTS } from '../runner/defaults.ts';
import { CASE_SETTINGS } from '../runner/options.ts';
import { SETTINGS, type SettingName } from '../runner/settings.ts';
import type { RawFlags } from './parse-settings.ts';
import { defaultText, settingOption } from './setting-options.ts';

/** Flags of `serve` beside the settings it shares with a run. */
export type ServeFlags = RawFlags & {
  readonly port?: string;
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly auth?: string;
  readonly hurry?: string;
  readonly at?: string;
  readonly out: string;
  readonly plan?: string;
  readonly log?: true;
};

/** Defaults of those, and of the settings that are others than a run's. */
export const SERVE_DEFAULTS = {
  ...{ port: 4000, host: '127.0.0.1', user: 'root', password: '' },
  ...{ plugin: AUTH_PLUGINS[0], tidb: 1, scaleDenominator: 1 },
} as const;

/** Settings of a run that make sense for a cluster without a case. */
const SHARED: readonly (readonly [name: SettingName, otherwise?: string])[] = [
  ['seed', ' (default: a new one each time)'],
  ['profile'],
  ['scaleDenominator', ` (default: 1/${SERVE_DEFAULTS.scaleDenominator})`],
  ['tidb', ` (default: ${SERVE_DEFAULTS.tidb})`],
  ['tikv'],
  ['pd'],
  ['bugs'],
  ['nemeses', ' (default: none)'],
  ['nemesisMode'],
  ['runTimeUs'],
];

/** Settings of a case: of the run that `--at` is a moment of. */
const OF_THE_RUN: readonly SettingName[] = ['preset', ...CASE_SETTINGS];

const AT_HELP = `
With --at, the run is run up to that moment of virtual time and its cluster opened as it is then:
  wavetank serve --at last@failure             the newest run, when it first went wrong
  wavetank serve --at 20261121T101500Z-7@0:12:30.250
  wavetank serve --at 90s --seed 7 --preset hot    the run that these flags describe
Nothing is healed, and the clients of the run stand still, with their transactions open. Time stands
still, too, while nothing is asked; the plan goes on as time does.`;

/** Describes `serve` and gives it its flags. */
export function withServeOptions(command: Command): Command {
  const { port, host, user } = SERVE_DEFAULTS;
  command
    .description('open a MySQL port on a simulated cluster, live or of a past run, until Ctrl-C')
    .option('--port <n>', `where clients connect; 0 for any that is free (default: ${port})`)
    .option('--host <address>', 'address to listen on', host)
    .option('--user <name>', 'the one account there is', user)
    .option('--password <text>', 'its password', SERVE_DEFAULTS.password)
    .option('--auth <plugin>', `${AUTH_PLUGINS.join(' or ')} (default: ${SERVE_DEFAULTS.plugin})`)
    .option('--hurry <duration>', 'virtual time a request may use up at once (default: 1s)')
    .option('--plan <file>', 'faults to carry out, from now on')
    .option('--at <moment>', 'a moment of a run instead of a new cluster (see below)')
    .option('--out <folder>', 'where the folders of runs are kept', DEFAULTS.out)
    .option('--log', 'print what the nodes log on standard error');
  for (const [name, otherwise] of SHARED) {
    command.addOption(settingOption(SETTINGS[name], otherwise ?? defaultText(name)));
  }
  for (const name of OF_THE_RUN) {
    command.addOption(settingOption(SETTINGS[name], `${defaultText(name)}; with --at only`));
  }
  return command.addHelpText('after', AT_HELP);
}

/** Flags that mean something for the run of `--at` only. */
export const RUN_FLAGS = OF_THE_RUN.map((name) => SETTINGS[name].flag);
