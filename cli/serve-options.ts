import type { Command } from 'commander';
import { AUTH_PLUGINS } from '../cluster/wire/auth.ts';
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

/** Describes `serve` and gives it its flags. */
export function withServeOptions(command: Command): Command {
  const { port, host, user } = SERVE_DEFAULTS;
  command
    .description('open a MySQL port on a live simulated cluster, until Ctrl-C')
    .option('--port <n>', `where clients connect; 0 for any that is free (default: ${port})`)
    .option('--host <address>', 'address to listen on', host)
    .option('--user <name>', 'the one account there is', user)
    .option('--password <text>', 'its password', SERVE_DEFAULTS.password)
    .option('--auth <plugin>', `${AUTH_PLUGINS.join(' or ')} (default: ${SERVE_DEFAULTS.plugin})`)
    .option('--hurry <duration>', 'virtual time a request may use up at once (default: 1s)')
    .option('--plan <file>', 'faults to carry out, from now on')
    .option('--log', 'print what the nodes log on standard error');
  for (const [name, otherwise] of SHARED) {
    command.addOption(settingOption(SETTINGS[name], otherwise ?? defaultText(name)));
  }
  return command;
}
