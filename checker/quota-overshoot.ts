import type { CheckResult } from './checker.ts';
import { Findings } from './findings.ts';
import {
  type Episode,
  mebibytes,
  type QuotaStatement,
  unstoppable,
  whose,
} from './quota-evidence.ts';

/**
 * A quota is exceeded by no more than what was on its way when that was noticed: answers that
 * stores had been asked for, each as large as the largest that came, and one charge that each
 * operator may have been in the middle of. Growth beyond means that nobody stopped who could have.
 * Not so with `oom-action=log`, which is asked to stop nobody.
 */
export function checkOvershoot(name: string, episodes: readonly Episode[]): CheckResult {
  const findings = new Findings(name);
  for (const { statement, actions } of episodes) {
    const { quota, maxConsumed } = statement;
    const allowed = quota + unstoppable(statement);
    const unlimited = quota <= 0 || actions.some(({ action }) => action === 'log');
    if (unlimited || maxConsumed <= allowed) continue;
    const atUs = actions.find(({ consumed }) => consumed >= quota)?.atUs ?? statement.endedUs;
    findings.add(atUs, () => ({ text: tell(statement, allowed), ops: [] }));
  }
  return findings.result();
}

function tell(statement: QuotaStatement, allowed: number): string {
  const { quota, maxConsumed, inFlight } = statement;
  const { answers, largestAnswer, operators, largestCharge } = inFlight;
  const part = (bytes: number): string => `${Math.floor((bytes / quota) * 100)} %`;
  return (
    `${whose(statement)}: held ${mebibytes(maxConsumed)}, ${part(maxConsumed)} of its quota of ` +
    `${mebibytes(quota)}; what could not be stopped allows ${part(allowed)} ` +
    `(answers awaited: ${answers} of up to ${mebibytes(largestAnswer)}; ` +
    `operators: ${operators}, each in one charge of up to ${mebibytes(largestCharge)})`
  );
}
