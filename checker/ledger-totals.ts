import { type CheckResult, unknown, valid } from './checker.ts';
import { Findings } from './findings.ts';
import type { LedgerEvidence } from './ledger-evidence.ts';
import type { LedgerLog, Noted } from './ledger-log.ts';
import { INDEX_MISMATCH, type VerifyValue } from './ledger-ops.ts';
import { formatVirtualTime } from './virtual-time.ts';

/** Every verification that was answered gave 0. */
export function checkTotalZero(name: string, log: LedgerLog): CheckResult {
  const findings = new Findings(name);
  let answered = 0;
  for (const verification of log.verifications) {
    if (!verification.ok || verification.value === undefined) continue;
    answered++;
    const { value } = verification;
    if (value.total === '0') continue;
    findings.add(verification.completedAtUs, () => ({
      text:
        `the last balances summed to ${value.total ?? 'NULL'}, not 0, at ` +
        `${formatVirtualTime(verification.completedAtUs)} (operation ${verification.op}); ` +
        secondOpinion(value),
      ops: [verification.op],
    }));
  }
  if (answered === 0) return unknown(name, 'no verification was ever answered');
  return findings.result();
}

/**
 * The sum is blind to some errors and sensitive to a wrong query: say which it is, data or
 * answer.
 */
function secondOpinion({ total, scanTotal }: VerifyValue): string {
  if (scanTotal === undefined) return 'no scan of that snapshot was made to compare';
  if (scanTotal === total) return 'a scan of the same snapshot agrees: the data is wrong';
  return `a scan of the same snapshot gives ${scanTotal}: the query's answer is wrong`;
}

/** The last balances of the final read sum to 0, added up here and not by the database. */
export function checkFinalTotal(name: string, evidence: LedgerEvidence): CheckResult {
  const total = totalOfLast(evidence);
  if (total === 0) return valid(name);
  const findings = new Findings(name);
  const verification = lastAnswered(evidence.log);
  const answer = verification?.value?.total ?? 'nothing';
  findings.add(evidence.log.endUs, () => ({
    text:
      `the last balances of the final read sum to ${total}, not 0; ` +
      `the last verification answered ${answer}`,
    ops: verification === undefined ? [] : [verification.op],
  }));
  return findings.result();
}

function lastAnswered(log: LedgerLog): Noted<VerifyValue> | undefined {
  return log.verifications.findLast((verification) => verification.ok);
}

/** As the verification's query means it: every row that has its account's largest id counts. */
function totalOfLast({ table, order, starts }: LedgerEvidence): number {
  let total = 0;
  for (let code = 0; code < table.codes; code++) {
    const begin = starts[code] as number;
    const end = starts[code + 1] as number;
    for (let i = end - 1; i >= begin; i--) {
      const row = order[i] as number;
      if (table.cid.at(row) !== table.cid.at(order[end - 1] as number)) break;
      total += table.balance.at(row);
    }
  }
  return total;
}

/**
 * A verification succeeded at least once in every `boundUs`, from the first one asked to the end.
 * One that cannot run is no evidence of health, but none of damage either: starvation is
 * `unknown`.
 */
export function checkVerificationRate(name: string, log: LedgerLog, boundUs: number): CheckResult {
  const [first] = log.verifications;
  if (first === undefined) return unknown(name, 'no verification was ever asked for');
  let lastOkUs = first.invokedAtUs;
  let error = '';
  const ops: number[] = [];
  for (const verification of log.verifications) {
    if (!verification.ok) {
      error = verification.error;
      if (ops.length < 5) ops.push(verification.op);
    }
    if (verification.completedAtUs - lastOkUs > boundUs) break;
    if (verification.ok) {
      lastOkUs = verification.completedAtUs;
      error = '';
      ops.length = 0;
    }
  }
  const anyOk = log.verifications.some((verification) => verification.ok);
  if (anyOk && log.endUs - lastOkUs <= boundUs) return valid(name);
  const why = error === '' ? '' : `; the latest error was: ${error}`;
  return unknown(
    name,
    `no verification succeeded for more than ${boundUs / 1_000_000} s ` +
      `from ${formatVirtualTime(lastOkUs)} on${why}`,
    ops,
  );
}

/** ADMIN CHECK TABLE, asked at the end, found no difference between indexes and rows. */
export function checkIndexMatchesRecord(name: string, log: LedgerLog): CheckResult {
  const last = log.adminChecks.at(-1);
  if (last === undefined) return unknown(name, 'ADMIN CHECK TABLE was not run');
  if (last.ok) return valid(name);
  if (!INDEX_MISMATCH.test(last.error)) {
    return unknown(name, `ADMIN CHECK TABLE could not run: ${last.error}`, [last.op]);
  }
  const findings = new Findings(name);
  findings.add(last.completedAtUs, () => ({
    text: `ADMIN CHECK TABLE found indexes and rows to differ: ${last.error}`,
    ops: [last.op],
  }));
  return findings.result();
}
