import type { PlannedFault } from './fault.ts';
import type { Nemesis, RandomSource, Round } from './nemesis.ts';
import { SECOND_US } from './round.ts';
import type { Topology } from './targets.ts';

/**
 * A plan: every fault of a run, in order of `atUs`. Times count from the start of the safety phase,
 * so that a plan does not depend on how long the case took to load its tables.
 */
export interface Plan {
  readonly faults: readonly PlannedFault[];
}

/**
 * How several nemeses share the time. `round-robin`: one at a time, in turn, as tipocket has it.
 * `overlap`: each on its own, without regard to the others, with a rest between its rounds.
 */
export const NEMESIS_MODES = ['round-robin', 'overlap'] as const;

/** One of them. */
export type NemesisMode = (typeof NEMESIS_MODES)[number];

/** What a plan is made from. */
export interface PlanRequest {
  /** In the order of the command line. Empty: nothing goes wrong. */
  readonly nemeses: readonly Nemesis[];
  readonly mode: NemesisMode;
  readonly topology: Topology;
  /** Length of the safety phase in µs; no fault outlives it. */
  readonly lengthUs: number;
  /** A stream of chances for each label; the same label gives the same stream. */
  readonly stream: (label: string) => RandomSource;
}

/** In `overlap` a nemesis rests for less than so many seconds after each round. */
const REST_SECONDS = 60;

/**
 * Decides the whole plan. Each round of each nemesis draws from a stream of its own, so that
 * leaving a nemesis out changes when the others act, but not what they do.
 */
export function makePlan(request: PlanRequest): Plan {
  const { mode, lengthUs } = request;
  const faults = mode === 'overlap' ? eachOnItsOwn(request) : inTurn(request);
  return {
    faults: faults
      .map((fault) => cutAt(fault, lengthUs))
      .filter((fault) => fault.atUs < lengthUs)
      .sort(byStart),
  };
}

/**
 * The nemeses take turns, one at a time, in the order given, for ever; the next begins when the
 * round of the one before is over (tipocket's `dispatchNemesis`).
 */
function inTurn(request: PlanRequest): PlannedFault[] {
  const { nemeses, lengthUs } = request;
  const faults: PlannedFault[] = [];
  const rounds = new Map<string, number>();
  let startUs = 0;
  for (let turn = 0; nemeses.length > 0 && startUs < lengthUs; turn++) {
    const nemesis = nemeses[turn % nemeses.length] as Nemesis;
    const round = rounds.get(nemesis.name) ?? 0;
    rounds.set(nemesis.name, round + 1);
    startUs = addRound(request, nemesis, round, startUs, faults);
  }
  return faults;
}

/** Every nemesis repeats itself, with rests; one that is named twice acts once. */
function eachOnItsOwn(request: PlanRequest): PlannedFault[] {
  const { nemeses, lengthUs, stream } = request;
  const faults: PlannedFault[] = [];
  for (const nemesis of new Set(nemeses)) {
    let startUs = 0;
    for (let round = 0; startUs < lengthUs; round++) {
      const untilUs = addRound(request, nemesis, round, startUs, faults);
      const rest = stream(`nemesis/${nemesis.name}/${round}/rest`).nextInt(REST_SECONDS);
      startUs = untilUs + rest * SECOND_US;
    }
  }
  return faults;
}

/** Adds the faults of one round; returns when it is over. */
function addRound(
  { topology, stream }: PlanRequest,
  nemesis: Nemesis,
  round: number,
  startUs: number,
  faults: PlannedFault[],
): number {
  const { name } = nemesis;
  const random = stream(`nemesis/${name}/${round}`);
  const made: Round = nemesis.generate({ random, topology, startUs });
  if (made.untilUs <= startUs) {
    throw new Error(`nemesis ${name} takes no time: no plan would end`);
  }
  for (const fault of made.faults) faults.push({ ...fault, nemesis: name });
  return made.untilUs;
}

/** Everything is healed when the safety phase ends, so no fault goes on after that. */
function cutAt(fault: PlannedFault, lengthUs: number): PlannedFault {
  return fault.untilUs <= lengthUs ? fault : { ...fault, untilUs: lengthUs };
}

function byStart(a: PlannedFault, b: PlannedFault): number {
  return a.atUs - b.atUs || a.untilUs - b.untilUs;
}
