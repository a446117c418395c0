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

/** The topology of a cluster with so many nodes of each kind. */
export function topologyOf(size: Readonly<Record<NodeKind, number>>): Topology {
  const kinds: readonly NodeKind[] = ['tidb', 'tikv', 'pd'];
  const nodes = kinds.flatMap((kind) =>
    Array.from({ length: size[kind] }, (_, i) => ({ name: `${kind}-${i}`, kind })),
  );
  return { nodes };
}

/** One node of any kind, each as likely as the next. */
export function anyNode(random: RandomSource, topology: Topology): Target {
  const node = topology.nodes[random.nextInt(topology.nodes.length)];
  if (node === undefined) throw new Error('a topology without nodes has no target');
  return node;
}
