import type { FaultRecord } from '../nemesis/fault.ts';
import type { ReportedNode } from '../runner/report.ts';
import type { Span } from './lanes.ts';

/** A fault as a span of a lane. `down`: the node is not running meanwhile. */
export interface FaultSpan extends Span {
  readonly down: boolean;
  readonly fault: FaultRecord;
}

/** One line of the timeline: a node and what was done to it. */
export interface Lane {
  readonly name: string;
  /** False for the lane of faults that hit no single node. */
  readonly isNode: boolean;
  readonly spans: readonly FaultSpan[];
}

/** Faults that take a node's process away; every other fault leaves it running. */
const DOWN_FAULTS: ReadonlySet<string> = new Set(['kill']);

/**
 * A lane for each node in the report's order, and a last one, `cluster`, for faults whose target is
 * not a node (only if there are any), so that no fault goes undrawn. A fault that did not take
 * effect never shows its node as down.
 */
export function toLanes(nodes: readonly ReportedNode[], faults: readonly FaultRecord[]): Lane[] {
  const lanes: Lane[] = nodes.map(({ name }) => ({
    name,
    isNode: true,
    spans: faults.filter((fault) => fault.target === name).map(faultSpan),
  }));
  const names = new Set(nodes.map((node) => node.name));
  const others = faults.filter((fault) => !names.has(fault.target));
  if (others.length > 0) {
    lanes.push({ name: 'cluster', isNode: false, spans: others.map(faultSpan) });
  }
  return lanes;
}

function faultSpan(fault: FaultRecord): FaultSpan {
  return {
    fromUs: fault.atUs,
    untilUs: fault.untilUs,
    label: fault.tookEffect ? fault.fault : `${fault.fault} (no effect)`,
    down: fault.tookEffect && DOWN_FAULTS.has(fault.fault),
    fault,
  };
}
