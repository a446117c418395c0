import type { Command } from 'commander';
import { DEFAULTS } from '../runner/defaults.ts';
import type { OutputFlags } from './outcome.ts';

/** Flags of `reproduce`. */
export type ReproduceFlags = OutputFlags & {
  readonly seed?: string;
  readonly scale?: string;
  readonly runTime?: string;
  readonly nemesis?: string;
  readonly jobs?: string;
  readonly timeout?: string;
  readonly out: string;
};

/** Defaults of those. Wall time in ms. */
export const REPRODUCE_DEFAULTS = { seed: '1', jobs: 2, timeoutMs: 60 * 60 * 1000 } as const;

/** Describes `reproduce` and gives it its flags. */
export function withReproduceOptions(command: Command): Command {
  return command
    .description('show a known bug on the version that had it, and its absence on another')
    .option('--seed <number>', `64 bits (default: ${REPRODUCE_DEFAULTS.seed})`)
    .option('--scale <1/N>', 'size of what memory is made of (default: 1/64)')
    .option('--run-time <duration>', 'virtual time under faults (default: 6h)')
    .option('--nemesis <a,b,…>', 'what goes wrong (default: the six of the issue)')
    .option('--jobs <n>', `runs at a time (default: ${REPRODUCE_DEFAULTS.jobs})`)
    .option('--timeout <duration>', 'wall time for one run (default: 1h)')
    .option('--out <folder>', 'where the folders of runs are kept', DEFAULTS.out)
    .option('--json', 'print one JSON object on standard output, everything else elsewhere')
    .option('--quiet', 'print no progress');
}
