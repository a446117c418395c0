import type { NodeKind } from '../cluster/surface.ts';
import type { RandomSource } from './nemesis.ts';

/** A node that a fault may be aimed at. */
export interface Target {
  /** As the cluster names it: `tikv-0`. */
  readonly name: string;
  readonly kind: NodeKind;
}

/** The nodes of a cluster that does not exist yet: TiDB, then TiKV, then PD, whatever their ids. */
export interface Topology {
  readonly nodes: readonly Target[];
}

/**
 * Targets whose node is known only when the fault begins: the member of PD that leads then, and one
 * of those that do not (which one, the fault's parameter `pick` says).
 */
export const ROLES = ['pd-leader', 'pd-follower'] as const;

/** One of them. */
export type Role = (typeof ROLES)[number];

/** Whether a target is a role. */
export function isRole(target: string): target is Role {
  return ROLES.some((role) => role === target);
}

/** The topology of a cluster with so many nodes of each kind. */
export function topologyOf(size: Readonly<Record<NodeKind, number>>): Topology {
  const kinds: readonly NodeKind[] = ['tidb', 'tikv', 'pd'];
  const nodes = kinds.flatMap((kind) =>
    Array.from({ length: size[kind] }, (_, i) => ({ name: `${kind}-${i}`, kind })),
  );
  return { nodes };
}

/** The nodes of these kinds, in the order of the topology. */
export function nodesOfKind(topology: Topology, ...kinds: readonly NodeKind[]): readonly Target[] {
  return topology.nodes.filter(({ kind }) => kinds.includes(kind));
}

/** One of the nodes, each as likely as the next. */
export function oneOf(random: RandomSource, nodes: readonly Target[]): Target {
  const [node] = someOf(random, nodes, 1);
  if (node === undefined) throw new Error('a topology without nodes has no target');
  return node;
}

/** `count` different nodes, or all if there are fewer, in random order. */
export function someOf(random: RandomSource, nodes: readonly Target[], count: number): Target[] {
  const rest = [...nodes];
  const chosen: Target[] = [];
  while (chosen.length < count && rest.length > 0) {
    chosen.push(...rest.splice(random.nextInt(rest.length), 1));
  }
  return chosen;
}
