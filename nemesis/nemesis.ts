import type { PlannedFault } from './fault.ts';
import type { Topology } from './targets.ts';

/** Where a nemesis gets its chances from: a stream of its own, so no other draw shifts with it. */
export interface RandomSource {
  /** A uniform integer in `[0, bound)`. */
  nextInt(bound: number): number;
}

/** What one generation of faults may depend on: nothing else, so a plan is known before the run. */
export interface Occasion {
  readonly random: RandomSource;
  readonly topology: Topology;
  /** When the round begins, in virtual µs. */
  readonly startUs: number;
}

/** The faults of one round, and how long the nemesis keeps its turn. */
export interface Round {
  /** At least one; all end after they begin. */
  readonly faults: readonly FaultOfRound[];
  /** When the turn is over, µs; not before the last fault is healed. */
  readonly untilUs: number;
}

/** A fault whose nemesis goes without saying. */
export type FaultOfRound = Omit<PlannedFault, 'nemesis'>;

/** Where the name comes from, and what it does: tipocket, or this project. */
export type Origin = 'tipocket' | 'wavetank';

/**
 * Something that goes wrong in the world. A nemesis is a pure function: it does nothing itself, it
 * only says what is to be done when, to whom, and when it is undone. tipocket calls it a generator.
 */
export interface Nemesis {
  /** Name on the command line, spelt as tipocket spells it. */
  readonly name: string;
  readonly origin: Origin;
  /** One line for `wavetank list nemeses`. */
  readonly summary: string;
  /** Members of PD without which it could do nothing; 1 if absent. */
  readonly leastPd?: number;
  generate(occasion: Occasion): Round;
}
