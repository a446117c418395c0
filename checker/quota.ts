/**
 * The contract of a memory quota, judged by what TiDB nodes told of their statements.
 *
 * | check | what must hold |
 * |---|---|
 * | `quota.no-panic` | no worker ends by a panic because of a quota, no connection is lost to one |
 * | `quota.order` | gentler actions are exhausted before harsher ones, tokens go one by one |
 * | `quota.overshoot` | the quota is exceeded by no more than what could not be stopped any more |
 * | `quota.clean-cancel` | a cancelled statement ends with the right error, its transaction open |
 * | `quota.no-leak` | nothing is left of a statement that has ended |
 * | `quota.no-needless-cancel` | no statement is cancelled that spilling could have saved |
 * | `quota.tmp-storage` | nobody writes on whose files have come to their quota |
 * | `quota.server-limit` | a node above its limit ends the largest session, one at a time |
 *
 * A run in which no statement comes over its quota has nothing to show of most of it. It is valid
 * all the same, and says so in a note: that nobody exceeded a quota was measured at each statement.
 * Only where no statement was measured at all nothing can be said.
 */
import { type CheckResult, guarded, unknown } from './checker.ts';
import { checkCleanCancel } from './quota-cancel.ts';
import { type Episode, episodesOf, type QuotaEvidence } from './quota-evidence.ts';
import { checkNoLeak } from './quota-leak.ts';
import { checkNoNeedlessCancel, checkOrder } from './quota-order.ts';
import { checkOvershoot } from './quota-overshoot.ts';
import { checkNoPanic } from './quota-panic.ts';
import { checkServerLimit } from './quota-server-limit.ts';
import { checkTmpStorage } from './quota-tmp-storage.ts';

type QuotaCheck = (
  name: string,
  episodes: readonly Episode[],
  evidence: QuotaEvidence,
) => CheckResult;

const CHECKS: ReadonlyMap<string, QuotaCheck> = new Map<string, QuotaCheck>([
  ['quota.no-panic', checkNoPanic],
  ['quota.order', checkOrder],
  ['quota.overshoot', checkOvershoot],
  ['quota.clean-cancel', checkCleanCancel],
  ['quota.no-leak', checkNoLeak],
  ['quota.no-needless-cancel', checkNoNeedlessCancel],
  ['quota.tmp-storage', checkTmpStorage],
  ['quota.server-limit', checkServerLimit],
]);

/** Judges all rules, in the order of the table above. Never throws. */
export function judgeQuota(evidence: QuotaEvidence): CheckResult[] {
  if (evidence.measured === 0) {
    return [...CHECKS.keys()].map((name) => unknown(name, 'no statement held any memory'));
  }
  const episodes = episodesOf(evidence);
  const note = noteOf(evidence);
  return [...CHECKS].map(([name, check]) => {
    const result = guarded(name, () => check(name, episodes, evidence));
    return result.verdict === 'valid' ? { ...result, note } : result;
  });
}

function noteOf({ measured, statements }: QuotaEvidence): string {
  const over = statements.filter(({ quota, maxConsumed }) => quota > 0 && maxConsumed >= quota);
  const of = `of ${measured} statements that held memory`;
  return over.length === 0 ? `none ${of} came over its quota` : `${over.length} ${of} came over`;
}
