import type { Coordinator } from './pd/index.ts';
import type { NodeInfo, NodeKind, Refusal, Scaling } from './surface.ts';

/** What a cluster lets its size be changed with. */
export interface Roster {
  nodes(): readonly NodeInfo[];
  /** Starts a new node; gives its id, which no node has had before. */
  join(kind: NodeKind, name: string): number;
  /** Ends a node for good. */
  leave(id: number): void;
  /** Of the member that leads PD. */
  coordinator(): Coordinator | undefined;
}

/**
 * A cluster grows and shrinks. A TiDB node keeps nothing: it comes and goes. A store reports to PD,
 * which balances peers over to it; before it goes PD has to move them away again, and only a store
 * that PD has buried is ended. Whether a store is leaving is known to the PD leader that was told,
 * so `removeNode` is to be asked again until the node is gone.
 *
 * Left out: members of PD. The group of etcd and everybody's list of members are fixed.
 */
export class ClusterScaling implements Scaling {
  private readonly roster: Roster;

  constructor(roster: Roster) {
    this.roster = roster;
  }

  addNode(kind: NodeKind): number | Refusal {
    if (kind === 'pd') return 'the members of PD are fixed';
    const nodes = this.roster.nodes();
    const taken = nodes.map(({ name }) => name);
    let index = nodes.filter((node) => node.kind === kind).length;
    while (taken.includes(`${kind}-${index}`)) index++;
    return this.roster.join(kind, `${kind}-${index}`);
  }

  removeNode(id: number): Refusal | undefined {
    const node = this.roster.nodes().find((candidate) => candidate.id === id);
    if (node === undefined) return `there is no node ${id}`;
    if (node.kind === 'pd') return 'the members of PD are fixed';
    if (node.kind === 'tikv') return this.removeStore(id);
    this.roster.leave(id);
    return undefined;
  }

  private removeStore(id: number): Refusal | undefined {
    const coordinator = this.roster.coordinator();
    if (coordinator === undefined) return 'no member of PD leads';
    const store = coordinator.cluster.store(id);
    if (store === undefined) return 'PD has not heard of the store yet';
    if (store.isTombstone) this.roster.leave(id);
    else coordinator.removeStore(id);
    return undefined;
  }
}
