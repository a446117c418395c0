import { stringify } from 'yaml';
import { z } from 'zod';
import type { Plan } from '../nemesis/plan.ts';
import { planProblems } from '../nemesis/plan-problems.ts';
import type { Topology } from '../nemesis/targets.ts';
import { readCheckedYaml, scalarSchema } from './checked-yaml.ts';
import { formatDuration } from './duration.ts';
import { durationOf, someText } from './scalar.ts';
import { UsageError } from './usage-error.ts';

/** First line of every plan that is written; a reader of the file should not need a manual. */
const HEADING = `# The faults of one run, in order. Times count from the start of the safety phase.
# Run it again, changed or not: wavetank run <case> --plan <this file>
`;

const NAME = someText('a name');

const FAULT = z.strictObject({
  at: scalarSchema(durationOf(0)),
  until: scalarSchema(durationOf(1)),
  nemesis: scalarSchema(NAME),
  fault: scalarSchema(NAME),
  target: scalarSchema(NAME),
  parameters: z.record(z.string(), z.union([z.string(), z.bigint()])).optional(),
});

const FILE = z.strictObject({ faults: z.array(FAULT) });

/** A plan as YAML that {@link readPlan} reads back to the same plan. */
export function writePlan(plan: Plan): string {
  const faults = plan.faults.map((fault) => ({
    at: formatDuration(fault.atUs),
    until: formatDuration(fault.untilUs),
    nemesis: fault.nemesis,
    fault: fault.fault,
    target: fault.target,
    ...(Object.keys(fault.parameters).length > 0 ? { parameters: fault.parameters } : {}),
  }));
  return HEADING + stringify({ faults });
}

/**
 * Reads a plan for a cluster and a safety phase of `lengthUs` µs. Throws a `UsageError` with one
 * line for each thing that is wrong, whether in the text or in what it asks for.
 */
export function readPlan(file: string, text: string, topology: Topology, lengthUs: number): Plan {
  const { value, locate } = readCheckedYaml(file, text, FILE);
  const plan = {
    faults: value.faults.map(({ at, until, parameters, ...names }) => ({
      ...names,
      atUs: at,
      untilUs: until,
      parameters: numbered(parameters ?? {}),
    })),
  };
  const problems = planProblems(plan, topology, lengthUs);
  if (problems.length === 0) return inOrder(plan);
  const lines = problems.map(({ index, field, message }) =>
    locate(['faults', index, field], message),
  );
  throw new UsageError(lines.join('\n'));
}

function numbered(parameters: Record<string, string | bigint>): Record<string, number | string> {
  const entries = Object.entries(parameters).map(([key, value]) => [
    key,
    typeof value === 'bigint' ? Number(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function inOrder(plan: Plan): Plan {
  return { faults: [...plan.faults].sort((a, b) => a.atUs - b.atUs || a.untilUs - b.untilUs) };
}
