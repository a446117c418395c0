import type { VerdictKind } from '../checker/checker.ts';
import { EXIT } from './exit-code.ts';
import type { RunSummary } from './report.ts';

/**
 * What became of one seed, from best to worst. What is known of the database outranks what could
 * not be found out about it; a mismatch is the worst, because without determinism no other result
 * can be trusted to come again.
 */
export const OUTCOMES = [
  'valid',
  'unknown',
  'killed',
  'hung',
  'crashed',
  'no-progress',
  'invalid',
  'mismatch',
] as const;

/** Outcome of a seed. */
export type Outcome = (typeof OUTCOMES)[number];

const EXIT_CODES: Readonly<Record<Outcome, number>> = {
  valid: EXIT.valid,
  unknown: EXIT.unknown,
  killed: EXIT.crashed,
  hung: EXIT.crashed,
  crashed: EXIT.crashed,
  'no-progress': EXIT.noProgress,
  invalid: EXIT.invalid,
  // As `replay` answers when the trace is another one.
  mismatch: EXIT.invalid,
};

/** Outcomes that say something against the database or the simulation of it. */
const FAILURES: ReadonlySet<Outcome> = new Set(['no-progress', 'invalid', 'mismatch']);

/** The verdict on a seed: `unknown` whenever nothing was found out, for whatever reason. */
export function verdictOfOutcome(outcome: Outcome): VerdictKind {
  if (outcome === 'valid') return 'valid';
  return FAILURES.has(outcome) ? 'invalid' : 'unknown';
}

/** The exit code that goes with an outcome. */
export function exitCodeOfOutcome(outcome: Outcome): number {
  return EXIT_CODES[outcome];
}

/** The worse of two. */
export function worseOutcome(a: Outcome, b: Outcome): Outcome {
  return OUTCOMES.indexOf(a) >= OUTCOMES.indexOf(b) ? a : b;
}

/** What a run that came to its end comes to. */
export function outcomeOfRun({ exitCode, verdict }: RunSummary): Outcome {
  if (exitCode === EXIT.crashed) return 'crashed';
  return exitCode === EXIT.noProgress ? 'no-progress' : verdict;
}
