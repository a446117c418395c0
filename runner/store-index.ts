import type { VerdictKind } from '../checker/checker.ts';

/** Everything that a store holds, for its index page: newest first. */
export interface StoreIndex {
  readonly runs: readonly IndexedRun[];
  readonly soaks: readonly IndexedSoak[];
}

/** A row of the index. Links are relative to the index page, and URLs. */
export interface Indexed {
  /** Name of its folder. */
  readonly name: string;
  /** ISO 8601, wall time. */
  readonly startedAt: string;
  readonly case: string;
  readonly verdict: VerdictKind;
  readonly cause: string;
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
}

/** A run in the index. */
export interface IndexedRun extends Indexed {
  readonly seed: string;
  /** Preset, scale and nemeses in a few words. */
  readonly configuration: string;
  /** Name of the soak that it is a part of; empty if of none. */
  readonly soak: string;
  /** Its report; empty if there is none. */
  readonly report: string;
  /** Its folder. */
  readonly folder: string;
}

/** A soak in the index. */
export interface IndexedSoak extends Indexed {
  readonly seeds: string;
  readonly outcomes: readonly (readonly [outcome: string, count: number])[];
  readonly failures: readonly IndexedFailure[];
  readonly summary: string;
  readonly folder: string;
}

/** A kind of failure that a soak found. */
export interface IndexedFailure {
  readonly outcome: string;
  readonly verdict: VerdictKind;
  readonly signature: string;
  /** What its first run did not hold, and why. */
  readonly what: string;
  readonly count: number;
  readonly seed: string;
  readonly command: string;
  /** Report of its first run, or the folder of that if there is no report. */
  readonly link: string;
}
