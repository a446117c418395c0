import type { ClusterCounters } from './surface.ts';
import type { Witness } from './tikv/index.ts';
import type { RegionInfo } from './tikv/request.ts';

/** Counts what happens to regions, for the summary of a run. */
export class RegionCounters
  implements Omit<Witness, 'applied' | 'readLocally' | 'read' | 'scanned'>
{
  private leaderTransfers = 0;
  private elections = 0;
  private splits = 0;
  private merges = 0;
  private peerMoves = 0;

  get counts(): Omit<ClusterCounters, 'tsoOutages'> {
    const { leaderTransfers, elections, splits, merges, peerMoves } = this;
    return { leaderTransfers, elections, splits, merges, peerMoves };
  }

  elected(_region: RegionInfo, _term: number, _store: number): void {
    this.elections++;
  }

  transferred(): void {
    this.leaderTransfers++;
  }

  split(_before: RegionInfo, after: readonly RegionInfo[], leads: boolean): void {
    if (leads) this.splits += after.length - 1;
  }

  merged(_target: RegionInfo, _source: RegionInfo, leads: boolean): void {
    if (leads) this.merges++;
  }

  /** A peer that leaves ends a move, or makes room. */
  membersChanged(before: RegionInfo, after: RegionInfo, leads: boolean): void {
    if (leads && after.peers.length < before.peers.length) this.peerMoves++;
  }
}
