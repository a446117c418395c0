import { EXIT } from '../runner/exit-code.ts';
import { progressOn, SILENT } from '../runner/progress.ts';
import type { ReplayResult } from '../runner/replay.ts';
import { RunFolder } from '../runner/run-folder.ts';
import { Interrupt } from './interrupt.ts';
import type { OutputFlags } from './outcome.ts';

/** Flags of `replay`. */
export interface ReplayFlags extends OutputFlags {
  readonly out: string;
}

/** `wavetank replay`: the same run again. Exit code 0 if the trace is the same, 1 if it is not. */
export async function replayCommand(run: string, flags: ReplayFlags): Promise<number> {
  const folder = RunFolder.find(flags.out, run);
  // Mistakes are answered before the simulator is loaded.
  const { replay } = await import('../runner/replay.ts');
  const progress = flags.quiet === true ? SILENT : progressOn(process.stderr);
  const interrupt = new Interrupt((text) => progress.say(text), flags.tied);
  const result = await replay(folder, progress, () => interrupt.asked);
  interrupt.dispose();
  for (const warning of result.warnings) progress.say(`warning: ${warning}`);
  const { same, hash, difference, events } = result;
  const interrupted = interrupt.asked;
  const found = { schema: 'wavetank.replay/1', same, hash, events, difference, interrupted };
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(found)}\n` : words(folder.path, result, interrupted),
  );
  if (interrupted) return EXIT.unknown;
  return same ? EXIT.valid : EXIT.invalid;
}

function words(path: string, result: ReplayResult, interrupted: boolean): string {
  const { same, original, hash, events, difference } = result;
  if (interrupted) return 'interrupted: nothing can be said about the rest of the trace\n';
  if (same)
    return `same: hash ${hash} after ${events} events, as in ${path} (${original.verdict})\n`;
  return `different: hash ${hash}, but ${path} has ${original.hash}\n${difference}\n`;
}
