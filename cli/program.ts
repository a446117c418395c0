import { Command, Option } from 'commander';
import { DEFAULTS } from '../runner/defaults.ts';
import { formatDuration } from '../runner/duration.ts';
import { EXIT } from '../runner/exit-code.ts';
import { SETTING_LIST, type SettingName } from '../runner/settings.ts';
import { wavetankVersion } from '../runner/version.ts';
import type { Outcome, OutputFlags, RunFlags } from './outcome.ts';

/** What the program does when a command has been understood: resolves with the exit code. */
export interface Actions {
  run(caseName: string | undefined, flags: RunFlags): Outcome;
  plan(caseName: string | undefined, flags: RunFlags): Outcome;
  replay(run: string, flags: OutputFlags & { readonly out: string }): Outcome;
  list(what: string): Outcome;
}

const EXAMPLES = `
Examples:
  wavetank run ledger                          an hour of postings while nodes are killed
  wavetank run ledger --preset hot --run-time 10m --seed 7
  wavetank run ledger -run-time=6h -tikv-replicas=4 -nemesis=random_kill
                                               the same flags in tipocket's spelling
  wavetank plan ledger --seed 7                which node will be killed when
  wavetank replay last                         the same run again: is it the same?

Exit codes:
  ${EXIT.valid} valid, ${EXIT.invalid} invalid, ${EXIT.usage} wrong usage, ${EXIT.unknown} unknown
  ${EXIT.noProgress} no progress after all faults were healed
  ${EXIT.crashed} the harness itself failed`;

/** The commands and flags; every flag that sets something comes from the table of settings. */
export function buildProgram(actions: Actions, done: (code: Promise<number>) => void): Command {
  const program = new Command('wavetank')
    .description('Chaos testing for a TiDB-like cluster that runs inside this process.')
    .version(wavetankVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  withSettings(program.command('run [case]').description('run a case under faults and judge it'))
    .option('--plan <file>', 'carry out this plan instead of making one')
    .option('--json', 'print one JSON object on standard output, everything else elsewhere')
    .option('--quiet', 'print no progress')
    .action((name, flags) => done(actions.run(name, flags)));
  withSettings(
    program.command('plan [case]').description('print the faults of a run without running it'),
  )
    .option('--plan <file>', 'check this plan and print it')
    .option('--json', 'print JSON instead of YAML')
    .action((name, flags) => done(actions.plan(name, flags)));
  program
    .command('replay <run>')
    .description('run a kept run again and compare: its folder, its name, or last')
    .option('--out <folder>', 'where the folders of runs are kept', DEFAULTS.out)
    .option('--json', 'print one JSON object on standard output')
    .option('--quiet', 'print no progress')
    .action((run, flags) => done(actions.replay(run, flags)));
  program
    .command('list <what>')
    .description('list cases, nemeses, checkers, mutants or profiles')
    .action((what) => done(actions.list(what)));
  return program;
}

function withSettings(command: Command): Command {
  for (const [name, { flag, value, help }] of SETTING_LIST) {
    command.addOption(new Option(`--${flag} ${value}`, help + defaultText(name)));
  }
  return command.option(
    '--config <file>',
    'settings; flags win over them (default: harness.config.yaml if there is one)',
  );
}

function defaultText(name: SettingName): string {
  const defaults: Partial<Record<SettingName, unknown>> = DEFAULTS;
  const value = defaults[name];
  if (name === 'seed') return ' (default: a new one for each run)';
  if (value === undefined) return ' (default: the preset’s)';
  if (typeof value === 'number' && name.endsWith('Us'))
    return ` (default: ${formatDuration(value)})`;
  if (Array.isArray(value)) return value.length === 0 ? '' : ` (default: ${value.join(',')})`;
  return ` (default: ${String(value)})`;
}
