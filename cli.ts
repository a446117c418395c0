#!/usr/bin/env -S node --max-semi-space-size=64
import { CommanderError } from 'commander';
import { withDoubleDashes } from './cli/flags.ts';
import { type Actions, buildProgram } from './cli/program.ts';
import { EXIT } from './runner/exit-code.ts';
import { StoreError } from './runner/store-error.ts';
import { UsageError } from './runner/usage-error.ts';

/**
 * Arguments → a command → an exit code. What a command needs is loaded only when it runs, so that
 * help and mistakes are answered at once.
 */
const actions: Actions = {
  run: async (name, flags) => (await import('./cli/run-command.ts')).runCommand(name, flags),
  plan: async (name, flags) => (await import('./cli/plan-command.ts')).planCommand(name, flags),
  replay: async (run, flags) => (await import('./cli/replay-command.ts')).replayCommand(run, flags),
  soak: async (name, flags) => (await import('./cli/soak-command.ts')).soakCommand(name, flags),
  mutants: async (names, flags) =>
    (await import('./cli/mutants-command.ts')).mutantsCommand(names, flags),
  reproduce: async (issue, flags) =>
    (await import('./cli/reproduce-command.ts')).reproduceCommand(issue, flags),
  serve: async (flags) => (await import('./cli/serve-command.ts')).serveCommand(flags),
  list: async (what) => (await import('./cli/list-command.ts')).listCommand(what),
};

async function main(args: readonly string[]): Promise<number> {
  let outcome: Promise<number> = Promise.resolve(EXIT.valid);
  const program = buildProgram(actions, (code) => {
    outcome = code;
  });
  if (args.length === 0) {
    program.outputHelp();
    return EXIT.usage;
  }
  program.parse(withDoubleDashes(args), { from: 'user' });
  return outcome;
}

/**
 * Says what went wrong, in as few words as it deserves, and gives the exit code that goes with it.
 */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return explainUsage(error);
  if (error instanceof UsageError || error instanceof StoreError) {
    process.stderr.write(`${error.message.replace(/^/gm, 'wavetank: ')}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.crashed;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`wavetank: the harness itself failed; please report this\n${details}\n`);
  return EXIT.crashed;
}

/** Help and version arrive as errors too, with code 0. */
function explainUsage(error: CommanderError): number {
  if (error.exitCode === 0) return EXIT.valid;
  if (error.code === 'commander.help') return EXIT.usage;
  const line = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  process.stderr.write(`wavetank: ${line}\n`);
  return EXIT.usage;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = explain(error);
}
