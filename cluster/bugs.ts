/**
 * Seeded defects (mutants). Each is off by default and breaks one rule at one place in the code,
 * where `bugs.has('name')` is asked. A run with a defect must end invalid: that is how the checkers
 * are themselves checked.
 */

/** Every mutant: what it breaks and which check is expected to see it. */
export const BUGS = {
  'txn.lockRecordDropped': 'a lock-only key leaves no Lock record at commit',
  'txn.conflictCheckIgnoresLockType': 'the pessimistic conflict check skips Lock records',
  'txn.staleForUpdateTs': 'a retried statement keeps its old for_update_ts and forces its locks',
  'client.undeterminedAsFail': 'an undetermined commit is answered as a definite failure',
  'client.undeterminedAsSuccess': 'an undetermined commit is answered with OK',
  'sql.limitBeforeOrder': 'LIMIT is applied before ORDER BY',
} as const;

/** Name of a mutant. */
export type BugName = keyof typeof BUGS;

/** The mutants switched on in one run. */
export type Bugs = ReadonlySet<BugName>;

/** No mutant at all. */
export const NO_BUGS: Bugs = new Set();
