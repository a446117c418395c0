import { REGION_OPERATIONS } from './schedulers.ts';
import { ROLES, type Topology } from './targets.ts';

/**
 * The kinds of fault a plan may hold, with what each can be aimed at and what it has to be told.
 * One table for those who write plans by hand, those who check them and those who carry them out.
 */

/** One parameter of a kind of fault: what it may be. */
export interface ParameterRule {
  /** Completes `expected …`. */
  readonly expected: string;
  accepts(value: number | string, topology: Topology): boolean;
  /** Whether it may be left out. */
  readonly optional: boolean;
}

/** What a kind of fault can be aimed at. */
export interface TargetRule {
  /** Names that are a target in a cluster. */
  names(topology: Topology): readonly string[];
}

/** One kind of fault. */
export interface FaultKind {
  readonly target: TargetRule;
  readonly parameters: Readonly<Record<string, ParameterRule>>;
}

/** A fault that lasts longer than a day is a mistake in the unit; µs. */
const LATENCY_MAX_US = 86_400_000_000;
const COUNT_MAX = 16;

/** Any node. */
const NODE: TargetRule = { names: ({ nodes }) => nodes.map(({ name }) => name) };
/** Any node, or a role that is filled in when the fault begins. */
const PROCESS: TargetRule = { names: (topology) => [...NODE.names(topology), ...ROLES] };
/** A node that keeps something on disk. */
const KEEPER: TargetRule = {
  names: ({ nodes }) => nodes.filter(({ kind }) => kind !== 'tidb').map(({ name }) => name),
};
/** Whoever leads PD. */
const PD: TargetRule = { names: () => ['pd'] };
/** A component of the cluster. */
const COMPONENT: TargetRule = { names: () => ['tidb', 'tikv', 'pd'] };

function whole(min: number, max: number): ParameterRule {
  return {
    expected: `a whole number from ${min} to ${max}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    optional: false,
  };
}

function word(words: readonly string[]): ParameterRule {
  return {
    expected: `one of ${words.join(', ')}`,
    accepts: (value) => words.some((known) => known === value),
    optional: false,
  };
}

const SIDE: ParameterRule = {
  expected: 'names of nodes, separated by commas',
  accepts: (value, { nodes }) =>
    value === '' ||
    String(value)
      .split(',')
      .every((name) => nodes.some((node) => node.name === name)),
  optional: false,
};

const PERCENT = whole(0, 100);
const SPAN = whole(0, LATENCY_MAX_US);
const OFFSET = whole(-LATENCY_MAX_US, LATENCY_MAX_US);
/** Which of those that fill a role, counted round and round. */
const PICK: ParameterRule = { ...whole(0, 1_000_000), optional: true };

const STRIKING: FaultKind = {
  target: NODE,
  parameters: { percent: PERCENT, correlation: PERCENT },
};

/** The table. */
export const FAULT_KINDS = {
  kill: { target: PROCESS, parameters: { pick: PICK } },
  power_cut: { target: PROCESS, parameters: { pick: PICK } },
  pause: { target: PROCESS, parameters: { pick: PICK } },
  partition: { target: NODE, parameters: { direction: word(['both', 'in', 'out']) } },
  bridge: { target: NODE, parameters: { side: SIDE } },
  clog: { target: NODE, parameters: {} },
  loss: STRIKING,
  corrupt: STRIKING,
  duplicate: STRIKING,
  reorder: STRIKING,
  delay: {
    target: NODE,
    parameters: { latencyUs: SPAN, jitterUs: SPAN, correlation: PERCENT },
  },
  skew: { target: NODE, parameters: { offsetUs: OFFSET } },
  strobe: { target: NODE, parameters: { offsetUs: OFFSET, periodUs: whole(1, LATENCY_MAX_US) } },
  slow_disk: { target: KEEPER, parameters: { factor: whole(2, 100_000) } },
  stall_disk: { target: KEEPER, parameters: {} },
  scheduler: {
    target: PD,
    parameters: {
      scheduler: {
        expected: 'the name of a scheduler',
        accepts: (value) => typeof value === 'string' && value !== '',
        optional: false,
      },
    },
  },
  region_operation: {
    target: PD,
    parameters: { operation: word(REGION_OPERATIONS), pick: PICK },
  },
  scale_out: { target: COMPONENT, parameters: { count: whole(1, COUNT_MAX) } },
} as const satisfies Readonly<Record<string, FaultKind>>;

/** Kind of a fault. */
export type FaultName = keyof typeof FAULT_KINDS;

/** Whether a text names a kind of fault. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULT_KINDS, name);
}
