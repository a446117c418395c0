import type { CheckResult } from './checker.ts';
import { Findings } from './findings.ts';
import type { LedgerEvidence } from './ledger-evidence.ts';
import { FAIL, OK } from './ledger-log.ts';

/**
 * Every posting group has exactly two rows, of two accounts, that cancel. Only a loader's row
 * stands alone, with amount 0 and causality id 0.
 */
export function checkPostingPairs(name: string, evidence: LedgerEvidence): CheckResult {
  const findings = new Findings(name);
  const { groups, firstRow, secondRow, rowCount } = evidence;
  for (let group = 0; group < groups.count; group++) {
    const first = firstRow[group] as number;
    const second = secondRow[group] as number;
    const count = rowCount[group] as number;
    if (
      count === 1 ? isLoaderRow(evidence, first) : count === 2 && cancel(evidence, first, second)
    ) {
      continue;
    }
    findings.add(evidence.timeOfRow(first), () => ({
      text:
        `posting ${evidence.describeRow(first)}: ${count} row${count === 1 ? '' : 's'} ` +
        `where two that cancel belong: ${rowTexts(evidence, first, second)}`,
      ops: evidence.opsOfRows([first]),
    }));
  }
  return findings.result();
}

/** Every acknowledged posting is visible, with just the rows that were asked for. */
export function checkAckedPresent(name: string, evidence: LedgerEvidence): CheckResult {
  const findings = new Findings(name);
  const { postings } = evidence;
  for (let posting = 0; posting < postings.length; posting++) {
    if (postings.outcome.at(posting) !== OK) continue;
    const group = evidence.groupOfPosting[posting] as number;
    if (group >= 0 && evidence.rowCount[group] === 2 && asAsked(evidence, posting, group)) continue;
    const absent = group < 0;
    const seen = absent ? 'is not in the table' : 'is in the table with other rows';
    findings.add(postings.completedAtUs.at(posting), () => ({
      text:
        `posting ${evidence.describePosting(posting)} ${seen}: asked ` +
        `${askedText(evidence, posting)}${absent ? '' : `, found ${foundText(evidence, group)}`}`,
      ops: [postings.op.at(posting)],
    }));
  }
  return findings.result();
}

/** Every visible posting was asked for, as it is, by one that was not answered with a failure. */
export function checkNoPhantom(name: string, evidence: LedgerEvidence): CheckResult {
  const findings = new Findings(name);
  const { postings, groups, firstRow, rowCount, postingOfGroup } = evidence;
  for (let group = 0; group < groups.count; group++) {
    const first = firstRow[group] as number;
    const posting = postingOfGroup[group] as number;
    if (posting < 0) {
      if (rowCount[group] === 1 && isLoaderRow(evidence, first)) continue;
      findings.add(Number.POSITIVE_INFINITY, () => ({
        text: `rows of nobody: group ${groups.text(group)}, ${foundText(evidence, group)}`,
        ops: [],
      }));
    } else if (postings.outcome.at(posting) === FAIL) {
      findings.add(postings.completedAtUs.at(posting), () => ({
        text:
          `a posting that failed is in the table: group ${groups.text(group)}, ` +
          `${evidence.describePosting(posting)}: ${foundText(evidence, group)}`,
        ops: [postings.op.at(posting)],
      }));
    } else if (!asAsked(evidence, posting, group)) {
      findings.add(postings.completedAtUs.at(posting), () => ({
        text:
          `rows other than asked for: group ${groups.text(group)}, ` +
          `${evidence.describePosting(posting)}: asked ${askedText(evidence, posting)}, ` +
          `found ${foundText(evidence, group)}`,
        ops: [postings.op.at(posting)],
      }));
    }
  }
  return findings.result();
}

function isLoaderRow(evidence: LedgerEvidence, row: number): boolean {
  const { table } = evidence;
  const known = table.account.at(row) <= table.accounts;
  return known && table.amount.at(row) === 0 && table.cid.at(row) === 0;
}

function cancel(evidence: LedgerEvidence, first: number, second: number): boolean {
  const { account, amount } = evidence.table;
  return account.at(first) !== account.at(second) && amount.at(first) + amount.at(second) === 0;
}

/** Whether a group's (first two) rows are among those its posting asked for, not both the same. */
function asAsked(evidence: LedgerEvidence, posting: number, group: number): boolean {
  const first = evidence.firstRow[group] as number;
  const second = evidence.secondRow[group] as number;
  const firstIsA = isSideA(evidence, posting, first);
  if (!firstIsA && !isSideB(evidence, posting, first)) return false;
  if (second < 0) return true;
  const paired = firstIsA ? isSideB(evidence, posting, second) : isSideA(evidence, posting, second);
  return paired && evidence.rowCount[group] === 2;
}

function isSideA(evidence: LedgerEvidence, posting: number, row: number): boolean {
  const { postings, table } = evidence;
  return (
    table.account.at(row) === postings.a.at(posting) &&
    table.cid.at(row) === postings.cidA.at(posting) &&
    table.amount.at(row) === postings.amount.at(posting)
  );
}

function isSideB(evidence: LedgerEvidence, posting: number, row: number): boolean {
  const { postings, table } = evidence;
  return (
    table.account.at(row) === postings.b.at(posting) &&
    table.cid.at(row) === postings.cidB.at(posting) &&
    table.amount.at(row) + postings.amount.at(posting) === 0
  );
}

function askedText(evidence: LedgerEvidence, posting: number): string {
  const { a, b, amount, cidA, cidB } = evidence.postings;
  const sum = amount.at(posting);
  const sideA = `acc${a.at(posting)} #${cidA.at(posting)} ${signed(sum)}`;
  return `${sideA} and acc${b.at(posting)} #${cidB.at(posting)} -${sum}`;
}

function foundText(evidence: LedgerEvidence, group: number): string {
  const first = evidence.firstRow[group] as number;
  const more = (evidence.rowCount[group] as number) - 2;
  const texts = rowTexts(evidence, first, evidence.secondRow[group] as number);
  return more > 0 ? `${texts} and ${more} more` : texts;
}

function rowTexts(evidence: LedgerEvidence, first: number, second: number): string {
  const { table } = evidence;
  const text = (row: number): string => {
    const account = table.accountName(table.account.at(row));
    return `${account} #${table.cid.at(row)} ${signed(table.amount.at(row))}`;
  };
  return second < 0 ? text(first) : `${text(first)} and ${text(second)}`;
}

function signed(value: number): string {
  return value < 0 ? String(value) : `+${value}`;
}
