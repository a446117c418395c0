import type { FaultRecord } from '../nemesis/fault.ts';
import type { Phase, ReportedNode } from '../runner/report.ts';
import type { Span } from './lanes.ts';
import type { PageOperation } from './page-data.ts';
import { clockMs } from './virtual-time.ts';

/**
 * A span of the timeline. `hint` is what the pointer is told; `look` how it is drawn: `down` (the
 * node is not running meanwhile), `fault` (it runs, disturbed), `missed` (a fault without effect),
 * `plain` (no fault at all).
 */
export interface LaneSpan extends Span {
  readonly hint: string;
  readonly look: 'down' | 'fault' | 'missed' | 'plain';
}

/** One line of the timeline. */
export interface Lane {
  readonly name: string;
  /** Whether it is a node, which runs wherever no span says otherwise. */
  readonly isNode: boolean;
  readonly spans: readonly LaneSpan[];
}

/** What the timeline shows of a run. */
export interface TimelineSource {
  readonly nodes: readonly ReportedNode[];
  readonly faults: readonly FaultRecord[];
  readonly operations: readonly PageOperation[];
  readonly phases: readonly Phase[];
}

/** Faults that take a node's process away; every other fault leaves it running. */
const DOWN_FAULTS: ReadonlySet<string> = new Set(['kill', 'power_cut']);

/**
 * A lane for each node in the report's order; then `cluster` for faults whose target is not a node,
 * so that no fault goes undrawn; then the operations that matter, and the phases of the run. Lanes
 * of the last three kinds that would be empty are left out.
 */
export function toLanes({ nodes, faults, operations, phases }: TimelineSource): Lane[] {
  const names = new Set(nodes.map((node) => node.name));
  const others = faults.filter((fault) => !names.has(fault.hit));
  const nodeLanes = nodes.map(({ name }) => ({
    name,
    isNode: true,
    spans: faults.filter((fault) => fault.hit === name).map(faultSpan),
  }));
  const rest = [
    { name: 'cluster', isNode: false, spans: others.map(faultSpan) },
    { name: 'operations', isNode: false, spans: operations.map(operationSpan) },
    { name: 'phase', isNode: false, spans: phases.map(phaseSpan) },
  ];
  return [...nodeLanes, ...rest.filter((lane) => lane.spans.length > 0)];
}

function faultSpan(fault: FaultRecord): LaneSpan {
  const { nemesis, fault: what, hit, atUs, untilUs, tookEffect, healed } = fault;
  const effect = tookEffect ? 'took effect' : 'did not take effect';
  const hint = [
    `${nemesis}: ${what} ${hit}`,
    stretch(atUs, untilUs),
    `${effect}, ${healed ? 'healed' : 'not healed'}`,
    ...[fault.effect, fault.note].filter((line) => line !== ''),
  ].join('\n');
  const inForce = DOWN_FAULTS.has(what) ? 'down' : 'fault';
  return {
    fromUs: atUs,
    untilUs,
    label: tookEffect ? what : `${what} (no effect)`,
    hint,
    look: tookEffect ? inForce : 'missed',
  };
}

function operationSpan(op: PageOperation): LaneSpan {
  const { index, f, outcome, invokedAtUs, completedAtUs } = op;
  return {
    fromUs: invokedAtUs,
    untilUs: completedAtUs,
    label: `#${index}`,
    hint: `#${index} ${f} ${outcome}\n${stretch(invokedAtUs, completedAtUs)}`,
    look: 'plain',
  };
}

function phaseSpan({ name, fromUs, untilUs }: Phase): LaneSpan {
  const hint = `${name}\n${stretch(fromUs, untilUs)}`;
  return { fromUs, untilUs, label: name, hint, look: 'plain' };
}

function stretch(fromUs: number, untilUs: number): string {
  return `${clockMs(fromUs)} to ${clockMs(untilUs)}`;
}
