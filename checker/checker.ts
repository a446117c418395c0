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
