import type { PlannedFault } from './fault.ts';
import type { Topology } from './targets.ts';

/** Where a nemesis gets its chances from: a stream of its own, so no other draw shifts with it. */
export interface RandomSource {
  /** A uniform integer in `[0, bound)`. */
  nextInt(bound: number): number;
}

/** What one generation of faults may depend on: nothing else, so a plan is known before the run. */
export interface Round {
  readonly random: RandomSource;
  readonly topology: Topology;
  /** When the round begins, in virtual µs. */
  readonly startUs: number;
}

/**
 * Something that goes wrong in the world. A nemesis is a pure function: it does nothing itself, it
 * only says what is to be done when, to whom, and when it is undone. tipocket calls it a generator.
 */
export interface Nemesis {
  /** Name on the command line, spelt as tipocket spells it. */
  readonly name: string;
  /** One line for `wavetank list nemeses`. */
  readonly summary: string;
  /** The faults of one round, at least one; all end after they begin. */
  generate(round: Round): readonly PlannedFault[];
}
