import type { LinkFault } from '../../cluster/sim/link-fault.ts';
import type { PlannedFault } from '../../nemesis/fault.ts';
import {
  type ArmedFault,
  counted,
  type FaultHandler,
  type FaultHost,
  nodeNamed,
  wholeOf,
  wordOf,
} from './handler.ts';
import { laidOn } from './laid-on.ts';

/** Node numbers of a directed link. */
type Way = readonly [from: number, to: number];

/** Cuts a node off from all other nodes of the cluster, but not from the client machine. */
export const partition: FaultHandler = (host, planned, label) => {
  const { id } = nodeNamed(host, planned.target);
  const direction = wordOf(planned, 'direction');
  const others = host.nodes().filter((node) => node.id !== id);
  const outward = direction === 'in' ? [] : others.map((node): Way => [id, node.id]);
  const inward = direction === 'out' ? [] : others.map((node): Way => [node.id, id]);
  return onWays(host, planned, label, [...outward, ...inward], { kind: 'block' });
};

/** Cuts the cluster in two, but for the target, which both sides see. */
export const bridge: FaultHandler = (host, planned, label) => {
  const middle = nodeNamed(host, planned.target).id;
  const side = wordOf(planned, 'side').split(',');
  const isThere = (name: string): boolean => side.includes(name);
  const nodes = host.nodes().filter(({ id }) => id !== middle);
  const ways = nodes.flatMap((from) =>
    nodes
      .filter((to) => isThere(from.name) !== isThere(to.name))
      .map((to): Way => [from.id, to.id]),
  );
  return onWays(host, planned, label, ways, { kind: 'block' });
};

/** Holds all that a node sends and is sent. */
export const clog: FaultHandler = (host, planned, label) => {
  const { id } = nodeNamed(host, planned.target);
  const ways = everyoneBut(host, id).flatMap((other): Way[] => [
    [id, other],
    [other, id],
  ]);
  return onWays(host, planned, label, ways, { kind: 'clog' });
};

/** Strikes a percentage of what a node sends. */
function striking(kind: 'loss' | 'corrupt' | 'duplicate' | 'reorder'): FaultHandler {
  return (host, planned, label) => {
    const percent = wholeOf(planned, 'percent');
    const correlation = wholeOf(planned, 'correlation');
    return outgoing(host, planned, label, { kind, percent, correlation });
  };
}

/** What a node sends gets lost. */
export const loss = striking('loss');
/** What a node sends gets damaged. */
export const corrupt = striking('corrupt');
/** What a node sends comes twice. */
export const duplicate = striking('duplicate');
/** What a node sends is overtaken. */
export const reorder = striking('reorder');

/** What a node sends is late. */
export const delay: FaultHandler = (host, planned, label) =>
  outgoing(host, planned, label, {
    kind: 'delay',
    latencyUs: wholeOf(planned, 'latencyUs'),
    jitterUs: wholeOf(planned, 'jitterUs'),
    correlation: wholeOf(planned, 'correlation'),
  });

/** netem on a node's interface: all that it sends, also to the client machine. */
function outgoing(
  host: FaultHost,
  planned: PlannedFault,
  label: string,
  fault: LinkFault,
): ArmedFault {
  const { id } = nodeNamed(host, planned.target);
  const ways = everyoneBut(host, id).map((other): Way => [id, other]);
  return onWays(host, planned, label, ways, fault);
}

function everyoneBut(host: FaultHost, id: number): number[] {
  const nodes = host.nodes().map((node) => node.id);
  return [host.clientId, ...nodes].filter((other) => other !== id);
}

function onWays(
  host: FaultHost,
  { target }: PlannedFault,
  label: string,
  ways: readonly Way[],
  fault: LinkFault,
): ArmedFault {
  const [verb, noun] = EFFECTS[fault.kind];
  return laidOn({
    ...{ hit: target, label, fault },
    things: ways.map(([from, to]) => host.link(from, to)),
    effect: (hits) => `${verb} ${counted(hits, noun)}`,
  });
}

/** Only one-way messages can be doubled or overtaken. */
const EFFECTS: Readonly<Record<LinkFault['kind'], readonly [verb: string, noun: string]>> = {
  block: ['held back', 'packet'],
  clog: ['held back', 'packet'],
  loss: ['lost', 'packet'],
  corrupt: ['damaged', 'packet'],
  delay: ['delayed', 'packet'],
  duplicate: ['doubled', 'message'],
  reorder: ['reordered', 'message'],
};
