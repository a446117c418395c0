import type { AdminRequest } from './pd/admin.ts';
import type { Coordinator, PdMember, RegionHeartbeat } from './pd/index.ts';
import type { PdControl, Refusal, RegionOperation, RegionOperationProgress } from './surface.ts';

/** What is answered while nobody leads PD. */
const NO_LEADER: Refusal = 'no member of PD leads';

/**
 * An administrator with `pd-ctl`: asks the member that leads. Schedulers are kept in etcd, so that
 * whoever leads later runs them too; operations on regions end with the leader that began them.
 */
export class PdAdmin implements PdControl {
  private readonly leader: () => PdMember | undefined;
  private readonly nowUs: () => number;

  /** @param leader the member that leads PD now */
  constructor(leader: () => PdMember | undefined, nowUs: () => number) {
    this.leader = leader;
    this.nowUs = nowUs;
  }

  addScheduler(name: string): Refusal | undefined {
    return this.changeSchedulers((coordinator) =>
      coordinator.addScheduler(name, this.nowUs()) ? undefined : `${name} runs already`,
    );
  }

  /** Also if it does not run: what was asked of a leader before may not have been saved. */
  removeScheduler(name: string): Refusal | undefined {
    return this.changeSchedulers((coordinator) => {
      coordinator.removeScheduler(name);
      return undefined;
    });
  }

  schedulers(): readonly string[] | undefined {
    const member = this.leader();
    const running = member?.placement?.coordinator.schedulers();
    if (member === undefined || running === undefined) return undefined;
    return [...new Set([...running, ...member.savedSchedulers])];
  }

  operate(
    operation: RegionOperation,
    key: string,
    pick: number,
  ): RegionOperationProgress | Refusal {
    const placement = this.leader()?.placement;
    if (placement === undefined) return NO_LEADER;
    const { coordinator } = placement;
    const request = requestFor(coordinator, operation, key, pick, this.nowUs());
    if (typeof request === 'string') return refused(operation, request);
    const refusal = coordinator.addOperator(request, this.nowUs());
    if (refusal !== undefined) return refused(operation, refusal);
    placement.arm();
    const operator = coordinator.operators.operatorOf(request.region);
    const description = operator?.description ?? request.kind;
    return {
      description: `${description} of region ${request.region}`,
      status: () => operator?.status ?? 'started',
    };
  }

  private changeSchedulers(
    change: (coordinator: Coordinator) => Refusal | undefined,
  ): Refusal | undefined {
    const member = this.leader();
    const placement = member?.placement;
    if (member === undefined || placement === undefined) return NO_LEADER;
    const refusal = change(placement.coordinator);
    if (refusal !== undefined) return refusal;
    member.setSchedulers(placement.coordinator.schedulers());
    placement.arm();
    return undefined;
  }
}

/** PD leads, and sees that this cannot be done. */
function refused(operation: RegionOperation, why: Refusal): RegionOperationProgress {
  return { description: operation, status: () => `refused: ${why}` };
}

/** What PD is to do, with places drawn from those that would do; or why there is none. */
function requestFor(
  { cluster }: Coordinator,
  operation: RegionOperation,
  key: string,
  pick: number,
  nowUs: number,
): AdminRequest | Refusal {
  const region = cluster.regionByKey(key);
  if (region === undefined) return 'no region holds that key';
  const { id, peers } = region.region;
  const drawn = <T>(places: readonly T[]): T | undefined => places[pick % places.length];
  const isHome = (store: number): boolean => peers.some((peer) => peer.store === store);
  const up = cluster.stores.filter((store) => store.state(nowUs) === 'up').map((store) => store.id);
  switch (operation) {
    case 'transfer-leader': {
      const store = drawn(peers.filter((peer) => peer.id !== region.leader))?.store;
      return store === undefined ? 'no other peer' : { kind: operation, region: id, store };
    }
    case 'move-region': {
      const to = drawn(up.filter((store) => !isHome(store)));
      const from = drawn(peers)?.store;
      if (to === undefined || from === undefined) return 'no store without a peer of it';
      return { kind: 'move-peer', region: id, from, to };
    }
    case 'move-neighbour-in':
      return moveIn(cluster.neighbours(region), region, pick);
    case 'merge-with-sibling': {
      const target = drawn(neighboursOf(cluster.neighbours(region)))?.region.id;
      return target === undefined ? 'no sibling' : { kind: 'merge-region', region: id, target };
    }
    case 'split':
      return { kind: 'split-region', region: id };
  }
}

type Neighbours = readonly (RegionHeartbeat | undefined)[];

function neighboursOf(neighbours: Neighbours): RegionHeartbeat[] {
  return neighbours.filter((neighbour) => neighbour !== undefined);
}

/** A peer of a neighbour comes to a store that keeps this region. */
function moveIn(
  neighbours: Neighbours,
  { region }: RegionHeartbeat,
  pick: number,
): AdminRequest | Refusal {
  for (const { region: other } of neighboursOf(neighbours)) {
    const to = region.peers.find(({ store }) => !other.peers.some((peer) => peer.store === store));
    const from = other.peers[pick % other.peers.length];
    if (to === undefined || from === undefined) continue;
    return { kind: 'move-peer', region: other.id, from: from.store, to: to.store };
  }
  return 'the neighbours keep to the same stores';
}
