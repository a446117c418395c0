import type { HistoryJudge } from '../checker/checker.ts';
import type { HistorySink } from '../checker/history.ts';
import type { SessionSource } from '../cluster/session.ts';

/**
 * A stream of draws. The runner hands out one per label, so that no client's draws shift
 * another's.
 */
export interface CaseRandom {
  /** A uniform integer in `[0, bound)`. */
  nextInt(bound: number): number;
  /** A uniform integer in `[0, 2^63)`. */
  nextInt63(): bigint;
}

/** All that a case may touch: sessions, time, randomness, and the history it leaves behind. */
export interface CaseContext {
  readonly source: SessionSource;
  /** Where every operation goes that the case completes. */
  readonly history: HistorySink;
  /** Resolves after `us` µs of virtual time. */
  sleepUs(us: number): Promise<void>;
  /** Virtual time in µs. */
  nowUs(): number;
  /** The stream of `label`; asked for once per label. */
  rng(label: string): CaseRandom;
  /** Whether the run is to end early: clients then begin nothing new. */
  stopping(): boolean;
  /** A line for a person who watches the run. */
  log(text: string): void;
}

/**
 * One workload with its judge. The runner calls the methods in this order, each once:
 *
 *     setup ─▶ run (faults) ─▶ [runner heals all] ─▶ finish (liveness, final reads) ─▶ judge
 *
 * Methods reject only when the harness itself cannot go on: whatever the database does wrong is an
 * operation in the history, not an exception.
 */
export interface Case {
  /** Name on the command line. */
  readonly name: string;
  /** One line for a list of cases. */
  readonly summary: string;
  /** Every option with its value, in the order of the help text. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** Schema and first rows. No faults yet. Rejects when the database cannot be prepared. */
  setup(ctx: CaseContext): Promise<void>;
  /**
   * The safety phase. Starts every client and resolves at `untilUs`, or earlier if every client has
   * noticed that `ctx.stopping()`. Operations in flight stay so: `finish` collects them.
   */
  run(ctx: CaseContext, untilUs: number): Promise<void>;
  /**
   * The liveness phase, once all faults are healed: every client must succeed again within a
   * bound of virtual time. Then the final reads. Resolves in bounded virtual time even if nothing
   * works.
   */
  finish(ctx: CaseContext): Promise<void>;
  /** A fresh judge for histories of this case with these options; needs no run. */
  judge(): HistoryJudge;
}
