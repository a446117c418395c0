import type { PlannedFault } from './fault.ts';
import { FAULT_KINDS, type FaultKind, isFaultName } from './fault-kinds.ts';
import type { Plan } from './plan.ts';
import type { Topology } from './targets.ts';

/**
 * Something that makes a plan impossible to carry out; `index` is the fault's place in the plan.
 */
export interface PlanProblem {
  readonly index: number;
  readonly field: 'at' | 'until' | 'fault' | 'target' | 'parameters';
  readonly message: string;
}

type Problem = Omit<PlanProblem, 'index'>;

/**
 * What is wrong with a plan for a cluster and a safety phase of `lengthUs`: unknown kinds of fault,
 * targets and parameters, faults that end before they begin or begin too late, and a nemesis that
 * does the same thing twice at once to one target. Different nemeses may: it is over when both are.
 */
export function planProblems(plan: Plan, topology: Topology, lengthUs: number): PlanProblem[] {
  const alike = new Map<string, number[]>();
  return plan.faults.flatMap((fault, index) => {
    const problems = [...kindProblems(fault, topology), ...timeProblems(fault, lengthUs)];
    const name = `${fault.nemesis} ${fault.fault} ${fault.target}`;
    const before = alike.get(name) ?? [];
    const earlier = before.find((i) => overlap(plan.faults[i] as PlannedFault, fault));
    if (earlier !== undefined) {
      const message = `${fault.target} is still under fault ${earlier + 1} of the plan`;
      problems.push({ field: 'at', message });
    }
    before.push(index);
    alike.set(name, before);
    return problems.map((problem) => ({ index, ...problem }));
  });
}

function kindProblems(planned: PlannedFault, topology: Topology): Problem[] {
  const { fault, target } = planned;
  if (!isFaultName(fault)) {
    const known = Object.keys(FAULT_KINDS).join(', ');
    return [{ field: 'fault', message: `unknown fault "${fault}", expected one of ${known}` }];
  }
  const kind: FaultKind = FAULT_KINDS[fault];
  const names = kind.target.names(topology);
  const problems = parameterProblems(planned, kind, topology);
  if (names.includes(target)) return problems;
  const message = `no node "${target}", expected one of ${names.join(', ')}`;
  return [{ field: 'target', message }, ...problems];
}

function parameterProblems(
  { fault, parameters }: PlannedFault,
  kind: FaultKind,
  topology: Topology,
): Problem[] {
  const problems: Problem[] = [];
  const report = (message: string): void => void problems.push({ field: 'parameters', message });
  for (const [name, rule] of Object.entries(kind.parameters)) {
    const value = parameters[name];
    if (value === undefined && !rule.optional) report(`${fault} needs ${name}, ${rule.expected}`);
    if (value !== undefined && !rule.accepts(value, topology)) {
      report(`${name}: expected ${rule.expected}, got ${value}`);
    }
  }
  for (const name of Object.keys(parameters)) {
    if (!Object.hasOwn(kind.parameters, name)) report(`${fault} has no parameter "${name}"`);
  }
  return problems;
}

function timeProblems({ atUs, untilUs }: PlannedFault, lengthUs: number): Problem[] {
  const problems: Problem[] = [];
  if (untilUs <= atUs) problems.push({ field: 'until', message: 'expected a moment after "at"' });
  if (atUs >= lengthUs) {
    problems.push({ field: 'at', message: 'begins after the end of the run time' });
  }
  return problems;
}

function overlap(a: PlannedFault, b: PlannedFault): boolean {
  return a.atUs < b.untilUs && b.atUs < a.untilUs;
}
