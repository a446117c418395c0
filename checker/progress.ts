import { type CheckResult, unknown } from './checker.ts';
import { Findings } from './findings.ts';
import type { Noted } from './ledger-log.ts';
import { type ProgressValue, VERIFIER } from './ledger-ops.ts';
import { formatVirtualTime } from './virtual-time.ts';

/**
 * Once all faults were healed every client succeeded again in time. A worker that did not makes
 * the run invalid. A verifier that did not makes it unknown: its query may be denied by a memory
 * quota, as designed, on a cluster that is otherwise well.
 */
export function checkProgress(
  name: string,
  progress: readonly Noted<ProgressValue>[],
): CheckResult {
  if (progress.length === 0) return unknown(name, 'the run ended before the liveness phase');
  const stuck = new Findings(name);
  let verifier: Noted<ProgressValue> | undefined;
  for (const entry of progress) {
    if (entry.ok) continue;
    if (entry.value?.client === VERIFIER) verifier = entry;
    else stuck.add(entry.completedAtUs, () => ({ text: noProgress(entry), ops: [entry.op] }));
  }
  const result = stuck.result();
  if (result.verdict !== 'valid' || verifier === undefined) return result;
  return unknown(name, noProgress(verifier), [verifier.op]);
}

function noProgress(entry: Noted<ProgressValue>): string {
  const { client, boundUs, attempts } = entry.value ?? { client: '?', boundUs: 0, attempts: 0 };
  return (
    `no progress after heal: ${client} did not succeed within ${boundUs / 1_000_000} s ` +
    `from ${formatVirtualTime(entry.invokedAtUs)} on, in ${attempts} attempts; ` +
    `the latest error was: ${entry.error}`
  );
}
