import { type CheckResult, unknown, valid } from '../checker/checker.ts';
import { InvariantViolation } from '../cluster/invariants.ts';
import { RaftInvariantError } from '../cluster/raft/index.ts';
import type { FaultRecord } from '../nemesis/fault.ts';
import { formatDuration } from './duration.ts';

/**
 * What every run is checked for, whatever its case: did it test what it says it tested? What is
 * wrong here is `unknown`, not `invalid`, because the database is not to blame.
 */
export const RUN_CHECKS = {
  'run.complete': 'the run went through setup, safety and liveness',
  'cluster.invariants': 'nothing was seen in the cluster that must never be seen',
  'faults.took-effect':
    'every fault was seen to affect its target, or others kept it from happening',
  'faults.healed': 'every fault was seen to be over after its heal',
} as const;

/** Whether the run came to its end; `why` says why not, and is empty if it did. */
export function completeness(why: string): CheckResult {
  const name: keyof typeof RUN_CHECKS = 'run.complete';
  return why === '' ? valid(name) : unknown(name, why);
}

/** What ended the run at once, if an assertion about the cluster was violated. */
export function invariantCheck(violation: Violation | undefined): CheckResult {
  const name: keyof typeof RUN_CHECKS = 'cluster.invariants';
  if (violation === undefined) return valid(name);
  const { rule, message, atUs } = violation;
  return { name, verdict: 'invalid', cause: `${rule}: ${message}`, ops: [], atUs };
}

/** The violated assertion in an error, if there is one. */
export function violationIn(error: unknown, nowUs: number): Violation | undefined {
  if (error instanceof InvariantViolation) {
    return { rule: error.invariant, message: error.message, atUs: error.atUs };
  }
  if (!(error instanceof RaftInvariantError)) return undefined;
  return { rule: 'raft', message: error.message, atUs: nowUs };
}

/** Something that must never be seen, and when it was. */
export interface Violation {
  readonly rule: string;
  readonly message: string;
  readonly atUs: number;
}

/** Whether what began of the plan happened, and was undone. */
export function faultChecks(records: readonly FaultRecord[]): CheckResult[] {
  return [
    check(
      'faults.took-effect',
      records.find(({ tookEffect, crowdedOut }) => !tookEffect && !crowdedOut),
    ),
    check(
      'faults.healed',
      records.find((record) => !record.healed),
    ),
  ];
}

function check(name: keyof typeof RUN_CHECKS, culprit: FaultRecord | undefined): CheckResult {
  if (culprit === undefined) return valid(name);
  const { nemesis, fault, hit, atUs, note } = culprit;
  return unknown(name, `${nemesis}: ${fault} ${hit} at ${formatDuration(atUs)}: ${note}`);
}
