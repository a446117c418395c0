import { type CheckResult, guarded, type HistoryJudge, unknown } from './checker.ts';
import type { Op } from './history.ts';
import {
  checkBalanceChain,
  checkCausalityContiguous,
  checkCausalityUnique,
} from './ledger-chain.ts';
import { LedgerEvidence } from './ledger-evidence.ts';
import { LedgerLog } from './ledger-log.ts';
import { checkAckedPresent, checkNoPhantom, checkPostingPairs } from './ledger-postings.ts';
import { checkSameAnswer } from './ledger-readings.ts';
import {
  checkFinalTotal,
  checkIndexMatchesRecord,
  checkTotalZero,
  checkVerificationRate,
} from './ledger-totals.ts';
import { checkProgress } from './progress.ts';

/** What the ledger's contract leaves open. */
export interface LedgerContract {
  /** Accounts 1 to this exist. */
  readonly accounts: number;
  /** At least one verification must succeed in every such span, in µs of virtual time. */
  readonly verificationBoundUs: number;
  /** Whether there were readers; what they are asked for is not looked at. */
  readonly memoryMix?: unknown;
}

type LogCheck = (name: string, log: LedgerLog, contract: LedgerContract) => CheckResult;

/** Checks that read the operations. */
const LOG_CHECKS: ReadonlyMap<string, LogCheck> = new Map<string, LogCheck>([
  ['ledger.total-zero', checkTotalZero],
  [
    'ledger.verification-rate',
    (name, log, contract) => checkVerificationRate(name, log, contract.verificationBoundUs),
  ],
  ['ledger.index-matches-record', checkIndexMatchesRecord],
  ['progress.after-heal', (name, log) => checkProgress(name, log.progress)],
]);

/** The one check of what readers were answered; there are none unless they were asked for. */
const READING_CHECK = 'ledger.same-answer';

/** Checks that need the whole table as it was at the end. */
const TABLE_CHECKS: ReadonlyMap<string, (name: string, evidence: LedgerEvidence) => CheckResult> =
  new Map([
    ['ledger.final-total', checkFinalTotal],
    ['ledger.causality-unique', checkCausalityUnique],
    ['ledger.causality-contiguous', checkCausalityContiguous],
    ['ledger.balance-chain', checkBalanceChain],
    ['ledger.posting-pairs', checkPostingPairs],
    ['ledger.acked-present', checkAckedPresent],
    ['ledger.no-phantom', checkNoPhantom],
  ]);

/** Names of the ledger's checks, in the order of their results. */
export const LEDGER_CHECKS: readonly string[] = [...LOG_CHECKS.keys(), ...TABLE_CHECKS.keys()];

/** Those and the one that a run with readers has beside them. */
export const ALL_LEDGER_CHECKS: readonly string[] = [...LEDGER_CHECKS, READING_CHECK];

/**
 * Judges ledger histories. The sum over the last balances, all that tipocket looks at, is blind
 * to a lost update on an account whose balance was 0; so every link of every chain is checked as
 * well, and every posting is held against what its client was told.
 */
export class LedgerJudge implements HistoryJudge {
  private readonly contract: LedgerContract;
  private readonly log: LedgerLog;
  /** Why the history cannot be trusted to have been taken in whole; empty if it was. */
  private unreadable = '';

  constructor(contract: LedgerContract) {
    this.contract = contract;
    this.log = new LedgerLog(contract.accounts);
  }

  observe(op: Op): void {
    try {
      this.log.observe(op);
    } catch (error) {
      if (this.unreadable !== '') return;
      this.unreadable = `operation ${op.index} (${op.f}) cannot be read: ${String(error)}`;
    }
  }

  conclude(): readonly CheckResult[] {
    if (this.unreadable !== '') return this.names().map((name) => unknown(name, this.unreadable));
    const results: CheckResult[] = [];
    for (const [name, check] of LOG_CHECKS) {
      results.push(guarded(name, () => check(name, this.log, this.contract)));
    }
    const evidence = this.evidence();
    for (const [name, check] of TABLE_CHECKS) {
      if (typeof evidence === 'string') results.push(unknown(name, evidence));
      else results.push(guarded(name, () => check(name, evidence)));
    }
    if (this.hasReaders) {
      results.push(guarded(READING_CHECK, () => checkSameAnswer(READING_CHECK, this.log)));
    }
    return results;
  }

  private names(): readonly string[] {
    return this.hasReaders ? ALL_LEDGER_CHECKS : LEDGER_CHECKS;
  }

  private get hasReaders(): boolean {
    return this.contract.memoryMix !== undefined;
  }

  /** The joined evidence, or why there is none. */
  private evidence(): LedgerEvidence | string {
    const { log } = this;
    if (!log.tableComplete) {
      const error = log.failedReads.at(-1)?.error;
      return `the table was not read at the end${error === undefined ? '' : `: ${error}`}`;
    }
    try {
      return new LedgerEvidence(log);
    } catch (error) {
      return `the checker itself failed: ${String(error)}`;
    }
  }
}
