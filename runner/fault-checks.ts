import { type CheckResult, unknown, valid } from '../checker/checker.ts';
import type { FaultRecord } from '../nemesis/fault.ts';
import { formatDuration } from './duration.ts';

/**
 * Whether what was planned happened, and was undone. A fault that did not is `unknown`, not
 * `invalid`: the database is not to blame, but the run has tested less than it says.
 */
export function faultChecks(records: readonly FaultRecord[]): CheckResult[] {
  return [
    check(
      'faults.took-effect',
      records.find((record) => !record.tookEffect),
    ),
    check(
      'faults.healed',
      records.find((record) => !record.healed),
    ),
  ];
}

function check(name: string, culprit: FaultRecord | undefined): CheckResult {
  if (culprit === undefined) return valid(name);
  const { nemesis, fault, target, atUs, note } = culprit;
  return unknown(name, `${nemesis}: ${fault} ${target} at ${formatDuration(atUs)}: ${note}`);
}
