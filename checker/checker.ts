/**
 * Checkers: what a history proves.
 *
 * A judge is fed the operations of a run, one by one, as they happen or years later from disk; it
 * has no other source, so a verdict can always be had again. It keeps them in typed columns (tens
 * of bytes an operation), and at the end runs a handful of named checks, each a function of its
 * own with one sentence to say. Three words are all there is to say:
 *
 *     valid     what the check looked for was there to be seen, and it was as it must be
 *     unknown   there was nothing to look at, or no way to look, or the checker itself broke
 *     invalid   here is what is wrong, where, when, and which operations show it
 *
 * The worst word wins. `unknown` is not a pass: a database that cannot be asked has shown nothing.
 *
 * The ledger's checks: `ledger.ts` lists them, `ledger-log.ts` keeps the operations,
 * `ledger-evidence.ts` joins them with the final table, the rest are the checks. The sum of the
 * last balances, which is all that tipocket looks at, has a blind spot: two postings that both
 * append causality id n+1 to an account whose balance was 0 leave it at 0. So every link of every
 * chain is looked at.
 */
import type { Op } from './history.ts';

/** Ordered valid < unknown < invalid: the worst of several wins. */
export type VerdictKind = 'valid' | 'unknown' | 'invalid';

/** What one checker says: a sentence a person reads first, and the evidence. */
export interface CheckResult {
  /** Name of the check, e.g. `ledger.causality-contiguous`. */
  readonly name: string;
  readonly verdict: VerdictKind;
  /** One sentence: what was found, or why nothing could be said. Empty when valid. */
  readonly cause: string;
  /** Of a valid one: what it had to look at, where that is not plain. */
  readonly note?: string;
  /** Indices of the operations that show it, few. */
  readonly ops: readonly number[];
  /** Virtual time of the first bad thing, if it has one. */
  readonly atUs?: number;
}

/** Judges a history that is fed to it operation by operation, live or from disk. */
export interface HistoryJudge {
  /** Takes the next operation; keeps what it needs and no reference to `op`. */
  observe(op: Op): void;
  /** Judges what was observed. May be called once. Never throws. */
  conclude(): readonly CheckResult[];
}

const ORDER: readonly VerdictKind[] = ['valid', 'unknown', 'invalid'];

/** The worse of two verdicts. */
export function worst(a: VerdictKind, b: VerdictKind): VerdictKind {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}

/** The verdict of a whole run, and the sentence that explains it. */
export interface Verdict {
  readonly verdict: VerdictKind;
  /** Cause of the check that decides; empty when valid. */
  readonly cause: string;
  /** Name of the check that decides; empty when valid. */
  readonly check: string;
}

/**
 * One verdict out of many. Of equally bad results the one whose first bad thing happened earliest
 * speaks, then the first listed. No result at all is `unknown`: a run that checked nothing proves
 * nothing.
 */
export function compose(results: readonly CheckResult[]): Verdict {
  if (results.length === 0) return { verdict: 'unknown', cause: 'nothing was checked', check: '' };
  let deciding: CheckResult | undefined;
  for (const result of results) {
    if (result.verdict === 'valid') continue;
    if (deciding === undefined || speaksBefore(result, deciding)) deciding = result;
  }
  if (deciding === undefined) return { verdict: 'valid', cause: '', check: '' };
  return { verdict: deciding.verdict, cause: deciding.cause, check: deciding.name };
}

function speaksBefore(a: CheckResult, b: CheckResult): boolean {
  if (a.verdict !== b.verdict) return worst(a.verdict, b.verdict) === a.verdict;
  return (a.atUs ?? Number.POSITIVE_INFINITY) < (b.atUs ?? Number.POSITIVE_INFINITY);
}

/** Nothing wrong was found. */
export function valid(name: string): CheckResult {
  return { name, verdict: 'valid', cause: '', ops: [] };
}

/** Nothing can be said, for the reason given. */
export function unknown(name: string, cause: string, ops: readonly number[] = []): CheckResult {
  return { name, verdict: 'unknown', cause, ops };
}

/** Runs a check; one that throws says `unknown`, because a broken checker has seen nothing. */
export function guarded(name: string, check: () => CheckResult): CheckResult {
  try {
    return check();
  } catch (error) {
    return unknown(name, `the checker itself failed: ${String(error)}`);
  }
}
