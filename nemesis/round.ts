import type { FaultOfRound, Occasion, RandomSource, Round } from './nemesis.ts';

/** One second in µs. */
export const SECOND_US = 1_000_000;

/** tipocket draws how long most of its faults last in whole seconds from [60, 180). */
const LONG_SECONDS_MIN = 60;
const LONG_SECONDS_SPAN = 120;

/** One to three minutes: how long most faults last. */
export function oneToThreeMinutesUs(random: RandomSource): number {
  return (LONG_SECONDS_MIN + random.nextInt(LONG_SECONDS_SPAN)) * SECOND_US;
}

/** A whole number in `[from, to)`. */
export function between(random: RandomSource, from: number, to: number): number {
  return from + random.nextInt(to - from);
}

/** What is done to each of several targets. */
export interface Deed {
  readonly fault: string;
  readonly target: string;
  readonly parameters?: Readonly<Record<string, number | string>>;
}

/** A round in which several things go wrong at once, for so long. */
export function allAtOnce({ startUs }: Occasion, lengthUs: number, deeds: readonly Deed[]): Round {
  const untilUs = startUs + lengthUs;
  return { faults: deeds.map((deed) => deedBetween(deed, startUs, untilUs)), untilUs };
}

/** A deed as a fault of a round. */
export function deedBetween(deed: Deed, atUs: number, untilUs: number): FaultOfRound {
  const { fault, target, parameters = {} } = deed;
  return { atUs, untilUs, fault, target, parameters };
}

/** A round of faults that may end at different times; it is over with the last of them. */
export function untilTheLast(faults: readonly FaultOfRound[]): Round {
  const untilUs = faults.reduce((latest, fault) => Math.max(latest, fault.untilUs), 0);
  return { faults, untilUs };
}
