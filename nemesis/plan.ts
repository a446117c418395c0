import type { PlannedFault } from './fault.ts';
import type { Nemesis, RandomSource } from './nemesis.ts';
import type { Topology } from './targets.ts';

/**
 * A plan: every fault of a run, in order of `atUs`. Times count from the start of the safety phase,
 * so that a plan does not depend on how long the case took to load its tables.
 */
export interface Plan {
  readonly faults: readonly PlannedFault[];
}

/** What a plan is made from. */
export interface PlanRequest {
  /** In the order of the command line. Empty: nothing goes wrong. */
  readonly nemeses: readonly Nemesis[];
  readonly topology: Topology;
  /** Length of the safety phase in µs; no fault outlives it. */
  readonly lengthUs: number;
  /** A stream of chances for each label; the same label gives the same stream. */
  readonly stream: (label: string) => RandomSource;
}

/**
 * Decides the whole plan. The nemeses take turns, one at a time, in the order given, for ever; the
 * next begins when the last fault of the one before has been healed (tipocket's `dispatchNemesis`).
 */
export function makePlan(request: PlanRequest): Plan {
  const { nemeses, topology, lengthUs, stream } = request;
  const faults: PlannedFault[] = [];
  let startUs = 0;
  for (let turn = 0; nemeses.length > 0 && startUs < lengthUs; turn++) {
    const nemesis = nemeses[turn % nemeses.length] as Nemesis;
    const random = stream(`nemesis/${nemesis.name}/${Math.floor(turn / nemeses.length)}`);
    const round = nemesis.generate({ random, topology, startUs });
    const endUs = round.reduce((latest, fault) => Math.max(latest, fault.untilUs), startUs);
    if (endUs <= startUs)
      throw new Error(`nemesis ${nemesis.name} takes no time: no plan would end`);
    faults.push(...round.map((fault) => cutAt(fault, lengthUs)));
    startUs = endUs;
  }
  return { faults: faults.filter((fault) => fault.atUs < lengthUs).sort(byStart) };
}

/** Everything is healed when the safety phase ends, so no fault goes on after that. */
function cutAt(fault: PlannedFault, lengthUs: number): PlannedFault {
  return fault.untilUs <= lengthUs ? fault : { ...fault, untilUs: lengthUs };
}

function byStart(a: PlannedFault, b: PlannedFault): number {
  return a.atUs - b.atUs || a.untilUs - b.untilUs;
}

/**
 * Something that makes a plan impossible to carry out; `index` is the fault's place in the plan.
 */
export interface PlanProblem {
  readonly index: number;
  readonly field: 'at' | 'until' | 'fault' | 'target';
  readonly message: string;
}

/** The kinds of fault a plan may hold. */
export const FAULTS = ['kill'] as const;

/** Kind of a fault. */
export type FaultName = (typeof FAULTS)[number];

/**
 * What is wrong with a plan for a cluster and a safety phase of `lengthUs`: unknown targets, faults
 * that end before they begin or begin too late, and the same fault twice at once on one target.
 */
export function planProblems(plan: Plan, topology: Topology, lengthUs: number): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const report = (index: number, field: PlanProblem['field'], message: string): void => {
    problems.push({ index, field, message });
  };
  const names = topology.nodes.map((node) => node.name);
  plan.faults.forEach((fault, index) => {
    if (!isFaultName(fault.fault)) {
      report(
        index,
        'fault',
        `unknown fault "${fault.fault}", expected one of ${FAULTS.join(', ')}`,
      );
    }
    if (!names.includes(fault.target)) {
      report(index, 'target', `no node "${fault.target}", expected one of ${names.join(', ')}`);
    }
    if (fault.untilUs <= fault.atUs) report(index, 'until', 'expected a moment after "at"');
    if (fault.atUs >= lengthUs) report(index, 'at', 'begins after the end of the run time');
    const earlier = plan.faults.findIndex((other, i) => i < index && overlap(other, fault));
    if (earlier >= 0) {
      report(index, 'at', `${fault.target} is still under fault ${earlier + 1} of the plan`);
    }
  });
  return problems;
}

/** Whether a text names a kind of fault. */
export function isFaultName(name: string): name is FaultName {
  return FAULTS.some((fault) => fault === name);
}

function overlap(a: PlannedFault, b: PlannedFault): boolean {
  const sameThing = a.target === b.target && a.fault === b.fault;
  return sameThing && a.atUs < b.untilUs && b.atUs < a.untilUs;
}
