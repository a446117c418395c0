import type { CheckResult, VerdictKind } from '../checker/checker.ts';

/** What the process tells its caller. */
export const EXIT = {
  valid: 0,
  invalid: 1,
  usage: 2,
  unknown: 3,
  /** Safe, but something did not work again after all faults were healed. */
  noProgress: 4,
  /** The harness itself failed, or could not write its files. */
  crashed: 5,
} as const;

/** Names of liveness checks begin so; every other check is about safety. */
const PROGRESS_CHECK = 'progress.';

/** The exit code of a verdict: `noProgress` only if nothing but progress was found wrong. */
export function exitCodeOf(verdict: VerdictKind, checks: readonly CheckResult[]): number {
  if (verdict !== 'invalid') return EXIT[verdict];
  const broken = checks.filter((check) => check.verdict === 'invalid');
  return broken.every(({ name }) => name.startsWith(PROGRESS_CHECK))
    ? EXIT.noProgress
    : EXIT.invalid;
}
