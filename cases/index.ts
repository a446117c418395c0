/**
 * Cases: what runs against a cluster and what must hold afterwards.
 *
 * A case is a few ordinary async functions that hold SQL sessions. It cannot see what is behind a
 * session (a simulated cluster, a DSN, processes on this machine), has no clock and no randomness
 * but those handed to it, and reports nothing directly: it leaves a history of operations, and
 * its judge reads that history, now or years later. See `case.ts` for the phases of a run.
 *
 * A new case is a file here and a line in {@link CASES}.
 */
import type { Case } from './case.ts';
import { LedgerCase } from './ledger.ts';
import type { LedgerOptions } from './ledger-options.ts';

export type { Case, CaseContext, CaseRandom } from './case.ts';
export {
  LEDGER_DEFAULTS,
  type LedgerOptions,
  PRIMARY_KEYS,
  VERIFY_FROM,
} from './ledger-options.ts';
export { LEDGER_PRESETS, type LedgerPreset, PRESET_SCALES } from './ledger-presets.ts';
export { formatMemoryMix, type MemoryMix, parseMemoryMix } from './memory-mix.ts';

/** Every case by its name on the command line, made from its options. */
export const CASES = {
  ledger: (options: LedgerOptions): Case => new LedgerCase(options),
} as const;

/** Name of a case. */
export type CaseName = keyof typeof CASES;
