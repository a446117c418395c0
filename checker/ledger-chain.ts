import type { CheckResult } from './checker.ts';
import { Findings } from './findings.ts';
import type { LedgerEvidence } from './ledger-evidence.ts';

/** No account has a causality id twice: two postings would have appended to the same row. */
export function checkCausalityUnique(name: string, evidence: LedgerEvidence): CheckResult {
  const findings = new Findings(name);
  const { table, order } = evidence;
  for (let i = 1; i < order.length; i++) {
    const before = order[i - 1] as number;
    const row = order[i] as number;
    if (table.account.at(before) !== table.account.at(row)) continue;
    const cid = table.cid.at(row);
    if (table.cid.at(before) !== cid) continue;
    findings.add(laterOf(evidence, before, row), () => ({
      text:
        `${table.accountName(table.account.at(row))} has causality id ${cid} twice: ` +
        `${evidence.describeRow(before)}; and ${evidence.describeRow(row)}`,
      ops: evidence.opsOfRows([before, row]),
    }));
  }
  return findings.result();
}

/** Every account's causality ids run from 0 without a gap. */
export function checkCausalityContiguous(name: string, evidence: LedgerEvidence): CheckResult {
  const findings = new Findings(name);
  const { table, order, starts } = evidence;
  for (let code = 1; code < table.codes; code++) {
    const begin = starts[code] as number;
    const end = starts[code + 1] as number;
    if (begin === end) {
      findings.add(0, () => ({ text: `${table.accountName(code)} has no row`, ops: [] }));
    }
    for (let i = begin; i < end; i++) {
      const row = order[i] as number;
      const previous = i === begin ? -1 : table.cid.at(order[i - 1] as number);
      const cid = table.cid.at(row);
      if (cid === previous + 1 || (cid === previous && i > begin)) continue;
      findings.add(evidence.timeOfRow(row), () => ({
        text:
          `${table.accountName(code)} has causality id ${shown(cid)} where ` +
          `${shown(previous + 1)} is missing (${evidence.describeRow(row)})`,
        ops: evidence.opsOfRows([row]),
      }));
    }
  }
  return findings.result();
}

/**
 * Every balance is the one before it plus the row's amount; the first is the amount itself. Where
 * an id occurs twice either row will do as the one before; where it is missing there is nothing
 * to compare: other checks speak of that.
 */
export function checkBalanceChain(name: string, evidence: LedgerEvidence): CheckResult {
  const findings = new Findings(name);
  const { table, order } = evidence;
  let tiesFrom = 0;
  let tiesUntil = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    const before = i === 0 ? -1 : (order[i - 1] as number);
    if (before < 0 || table.account.at(before) !== table.account.at(row)) {
      tiesFrom = i;
      tiesUntil = i;
    } else if (table.cid.at(before) !== table.cid.at(row)) {
      tiesFrom = tiesUntil;
      tiesUntil = i;
    }
    if (follows(evidence, tiesFrom, tiesUntil, row)) continue;
    findings.add(evidence.timeOfRow(row), () => brokenLink(evidence, tiesFrom, tiesUntil, row));
  }
  return findings.result();
}

/** Whether a row continues one of the rows `order[from..until)`, its possible predecessors. */
function follows(evidence: LedgerEvidence, from: number, until: number, row: number): boolean {
  const { table, order } = evidence;
  const cid = table.cid.at(row);
  const opening = table.balance.at(row) - table.amount.at(row);
  if (from === until) return cid !== 0 || opening === 0;
  if (table.cid.at(order[from] as number) !== cid - 1) return true;
  for (let i = from; i < until; i++) {
    if (table.balance.at(order[i] as number) === opening) return true;
  }
  return false;
}

function brokenLink(evidence: LedgerEvidence, from: number, until: number, row: number) {
  const { table, order } = evidence;
  const account = table.accountName(table.account.at(row));
  const before = from === until ? undefined : (order[from] as number);
  const previous = before === undefined ? 0 : table.balance.at(before);
  const rows = before === undefined ? [row] : [before, row];
  return {
    text:
      `${account}: balance ${shown(table.balance.at(row))} at causality id ` +
      `${shown(table.cid.at(row))} is not ${shown(previous)} + ${shown(table.amount.at(row))} ` +
      `(${evidence.describeRow(row)})`,
    ops: evidence.opsOfRows(rows),
  };
}

function laterOf(evidence: LedgerEvidence, a: number, b: number): number {
  const first = evidence.timeOfRow(a);
  const second = evidence.timeOfRow(b);
  if (first === Number.POSITIVE_INFINITY) return second;
  return second === Number.POSITIVE_INFINITY ? first : Math.max(first, second);
}

function shown(value: number): string {
  return Number.isNaN(value) ? 'NULL' : String(value);
}
