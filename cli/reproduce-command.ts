import { renderReproduction } from '../reports/reproduce-text.ts';
import { EXIT } from '../runner/exit-code.ts';
import { reproduce } from '../runner/reproduce.ts';
import type { ColumnResult } from '../runner/reproduction.ts';
import { durationOf, wholeNumber } from '../runner/scalar.ts';
import { SETTINGS, type Settings, splitList } from '../runner/settings.ts';
import { ownProgram } from '../runner/soak-worker.ts';
import { unknownName } from '../runner/suggest.ts';
import { writeReproduction } from '../runner/write-reproduction.ts';
import { Interrupt } from './interrupt.ts';
import { parseFlag } from './parse-flag.ts';
import { REPRODUCE_DEFAULTS, type ReproduceFlags } from './reproduce-options.ts';

const KNOWN = ['32624'];

/** `wavetank reproduce 32624`: exit code 0 if the issue shows where it must, and only there. */
export async function reproduceCommand(issue: string, flags: ReproduceFlags): Promise<number> {
  if (!KNOWN.includes(issue)) throw unknownName('issue', issue, KNOWN);
  const settings = settingsOf(flags);
  const seed = parseFlag('seed', SETTINGS.seed.scalar, flags.seed) ?? REPRODUCE_DEFAULTS.seed;
  const jobs = parseFlag('jobs', wholeNumber(1, 1024), flags.jobs) ?? REPRODUCE_DEFAULTS.jobs;
  const timeoutUs = parseFlag('timeout', durationOf(1000), flags.timeout);
  const startedAt = new Date().toISOString();
  const stop = new AbortController();
  const interrupt = new Interrupt(() => stop.abort(), flags.tied);
  const say = (text: string): void => {
    if (flags.quiet !== true) process.stderr.write(`${text}\n`);
  };
  say(`TiDB issue ${issue}, seed ${seed}: three runs, ${jobs} at a time; this takes minutes`);
  const report = await reproduce({
    ...{ issue, seed, settings, jobs, out: flags.out, program: ownProgram(), stop: stop.signal },
    timeoutMs: timeoutUs === undefined ? REPRODUCE_DEFAULTS.timeoutMs : timeoutUs / 1000,
    done: (column) => say(oneLine(column)),
  }).finally(() => interrupt.dispose());
  say(`side by side: ${writeReproduction(flags.out, startedAt, report)}`);
  const colour = process.stdout.isTTY === true && !('NO_COLOR' in process.env);
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(report)}\n` : renderReproduction(report, { colour }),
  );
  if (stop.signal.aborted) return EXIT.unknown;
  return report.reproduced ? EXIT.valid : EXIT.invalid;
}

function settingsOf(flags: ReproduceFlags): Settings {
  const runTimeUs = parseFlag('run-time', SETTINGS.runTimeUs.scalar, flags.runTime);
  const scaleDenominator = parseFlag('scale', SETTINGS.scaleDenominator.scalar, flags.scale);
  const nemeses = flags.nemesis === undefined ? undefined : splitList(flags.nemesis);
  return {
    ...(runTimeUs === undefined ? {} : { runTimeUs }),
    ...(scaleDenominator === undefined ? {} : { scaleDenominator }),
    ...(nemeses === undefined ? {} : { nemeses }),
  };
}

function oneLine({ title, summary, trouble }: ColumnResult): string {
  return `${title}: ${summary === undefined ? trouble : summary.verdict}`;
}
