import type { Command } from 'commander';
import { DEFAULTS } from '../runner/defaults.ts';
import type { OutputFlags } from './outcome.ts';

/** Flags of `mutants`. */
export type MutantsFlags = OutputFlags & {
  readonly jobs?: string;
  readonly timeout?: string;
  readonly markdown?: string;
  readonly out: string;
};

/** Defaults of those. Wall time in ms. */
export const MUTANTS_DEFAULTS = { jobs: 2, timeoutMs: 10 * 60 * 1000 } as const;

/** Describes `mutants` and gives it its flags. */
export function withMutantsOptions(command: Command): Command {
  return command
    .description('switch seeded defects on, by their recipes: each must be seen (default: all)')
    .option('--jobs <n>', `workers at a time (default: ${MUTANTS_DEFAULTS.jobs})`)
    .option('--timeout <duration>', 'wall time for one worker (default: 10m)')
    .option('--markdown <file>', 'write the results as a document, too')
    .option('--out <folder>', 'where runs that did not end as they should are kept', DEFAULTS.out)
    .option('--json', 'print one JSON object on standard output, everything else elsewhere')
    .option('--quiet', 'print no progress');
}
