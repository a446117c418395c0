import { Spells } from './spells.ts';
import type { ClusterCounters } from './surface.ts';
import type { Witness } from './tikv/index.ts';
import type { RegionInfo } from './tikv/request.ts';

/** A region's leader as it was last heard of, and when its store died. */
interface LastLeader {
  readonly store: number;
  diedAtUs: number | undefined;
}

/** Counts what happens to regions, for the summary of a run. */
export class RegionCounters
  implements Omit<Witness, 'applied' | 'readLocally' | 'read' | 'scanned'>
{
  private leaderTransfers = 0;
  private elections = 0;
  private splits = 0;
  private merges = 0;
  private peerMoves = 0;
  private replicaReads = 0;
  private readonly leaderless = new Spells();
  private readonly leaderOf = new Map<number, LastLeader>();
  protected readonly nowUs: () => number;

  constructor(nowUs: () => number) {
    this.nowUs = nowUs;
  }

  get counts(): Omit<ClusterCounters, 'tsoOutages' | 'withoutTso'> {
    const { leaderTransfers, elections, splits, merges, peerMoves, replicaReads } = this;
    const leaderless = this.leaderless.summary;
    return { leaderTransfers, elections, splits, merges, peerMoves, replicaReads, leaderless };
  }

  elected(region: RegionInfo, _term: number, store: number): void {
    this.elections++;
    const diedAtUs = this.leaderOf.get(region.id)?.diedAtUs;
    if (diedAtUs !== undefined) this.leaderless.add(this.nowUs() - diedAtUs);
    this.leaderOf.set(region.id, { store, diedAtUs: undefined });
  }

  /** A store was killed or lost its power: what it led has no leader until the next election. */
  storeDied(store: number): void {
    for (const leader of this.leaderOf.values()) {
      if (leader.store === store) leader.diedAtUs ??= this.nowUs();
    }
  }

  transferred(): void {
    this.leaderTransfers++;
  }

  readOnReplica(): void {
    this.replicaReads++;
  }

  split(_before: RegionInfo, after: readonly RegionInfo[], leads: boolean): void {
    if (leads) this.splits += after.length - 1;
  }

  merged(_target: RegionInfo, source: RegionInfo, leads: boolean): void {
    this.leaderOf.delete(source.id);
    if (leads) this.merges++;
  }

  /** A peer that leaves ends a move, or makes room. */
  membersChanged(before: RegionInfo, after: RegionInfo, leads: boolean): void {
    if (leads && after.peers.length < before.peers.length) this.peerMoves++;
  }
}
