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

const ORDER: readonly VerdictKind[] = ['valid', 'unknown', 'invalid'];

/** The worse of two verdicts. */
export function worst(a: VerdictKind, b: VerdictKind): VerdictKind {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}
