import { renderText } from '../reports/text.ts';
import { progressOn, SILENT } from '../runner/progress.ts';
import { Interrupt } from './interrupt.ts';
import type { RunFlags } from './outcome.ts';
import { resolve } from './resolve.ts';

/** `wavetank run`: runs a case, prints what came of it, and gives the verdict's exit code. */
export async function runCommand(caseName: string | undefined, flags: RunFlags): Promise<number> {
  const { options, out } = resolve(caseName, flags);
  // Mistakes are answered before the simulator is loaded.
  const { run } = await import('../runner/run.ts');
  const progress = flags.quiet === true ? SILENT : progressOn(process.stderr);
  const { seed, case: name } = options;
  progress.say(`${name}, seed ${seed}`);
  const interrupt = new Interrupt((text) => progress.say(text), flags.tied);
  const stopping = (): boolean => interrupt.asked;
  const report = await run({ options, out, progress, stopping }).finally(() => {
    progress.done();
    interrupt.dispose();
  });
  const text =
    flags.json === true
      ? `${JSON.stringify(report.summary)}\n`
      : renderText(report, {
          colour: process.stdout.isTTY === true && !('NO_COLOR' in process.env),
        });
  process.stdout.write(text);
  return report.summary.exitCode;
}
