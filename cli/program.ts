import { Command, Option } from 'commander';
import { DEFAULTS } from '../runner/defaults.ts';
import { EXIT } from '../runner/exit-code.ts';
import { wavetankVersion } from '../runner/version.ts';
import { type MutantsFlags, withMutantsOptions } from './mutants-options.ts';
import type { Outcome, OutputFlags, RunFlags } from './outcome.ts';
import { type ReproduceFlags, withReproduceOptions } from './reproduce-options.ts';
import { type ServeFlags, withServeOptions } from './serve-options.ts';
import { withSettings } from './setting-options.ts';
import { type SoakFlags, withSoakOptions } from './soak-options.ts';

/** What the program does when a command has been understood: resolves with the exit code. */
export interface Actions {
  run(caseName: string | undefined, flags: RunFlags): Outcome;
  plan(caseName: string | undefined, flags: RunFlags): Outcome;
  replay(run: string, flags: OutputFlags & { readonly out: string }): Outcome;
  mutants(names: readonly string[], flags: MutantsFlags): Outcome;
  reproduce(issue: string, flags: ReproduceFlags): Outcome;
  serve(flags: ServeFlags): Outcome;
  list(what: string): Outcome;
  soak(caseName: string | undefined, flags: SoakFlags): Outcome;
}

const EXAMPLES = `
Examples:
  wavetank run ledger                          an hour of postings while nodes are killed
  wavetank run ledger --preset hot --run-time 10m --seed 7
  wavetank run ledger -run-time=6h -tikv-replicas=4 -nemesis=random_kill
                                               the same flags in tipocket's spelling
  wavetank plan ledger --seed 7                which node will be killed when
  wavetank replay last                         the same run again: is it the same?
  wavetank soak --seeds 1..1000 --jobs 2       many seeds, each with a configuration of its own
  wavetank reproduce 32624                     the panic on the version that had it, and not since
  wavetank serve --port 4000                   a live cluster for any MySQL client
  wavetank serve --at last@failure             the cluster of a run, as it was when it went wrong
  wavetank mutants --jobs 2                    are seeded defects seen, and nothing without them?

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
    .addOption(tied())
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
    .addOption(tied())
    .action((run, flags) => done(actions.replay(run, flags)));
  withSoakOptions(program.command('soak [case]')).action((name, flags) =>
    done(actions.soak(name, flags)),
  );
  withMutantsOptions(program.command('mutants [names...]')).action((names, flags) =>
    done(actions.mutants(names, flags)),
  );
  withReproduceOptions(program.command('reproduce <issue>')).action((issue, flags) =>
    done(actions.reproduce(issue, flags)),
  );
  withServeOptions(program.command('serve')).action((flags) => done(actions.serve(flags)));
  program
    .command('list <what>')
    .description('list cases, nemeses, checkers, mutants or profiles')
    .action((what) => done(actions.list(what)));
  return program;
}

/** For the workers of a soak, which are not to outlive it; nobody else has a use for it. */
function tied(): Option {
  return new Option('--tied', 'end as if interrupted when standard input is closed').hideHelp();
}
