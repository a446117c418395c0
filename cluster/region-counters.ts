import type { ClusterCounters } from './surface.ts';
import type { Witness } from './tikv/index.ts';
import type { RegionInfo } from './tikv/request.ts';

/** Counts what happens to regions, for the summary of a run. */
export class RegionCounters implements Witness {
  private leaderTransfers = 0;
  private elections = 0;
  private splits = 0;
  private merges = 0;
  private peerMoves = 0;

  get counts(): Omit<ClusterCounters, 'tsoOutages'> {
    const { leaderTransfers, elections, splits, merges, peerMoves } = this;
    return { leaderTransfers, elections, splits, merges, peerMoves };
  }

  elected(): void {
    this.elections++;
  }

  transferred(): void {
    this.leaderTransfers++;
  }

  applied(): void {}

  readLocally(): void {}

  split(_region: RegionInfo, parts: number): void {
    this.splits += parts;
  }

  merged(): void {
    this.merges++;
  }

  /** A peer that leaves ends a move, or makes room. */
  membersChanged(before: RegionInfo, after: RegionInfo): void {
    if (after.peers.length < before.peers.length) this.peerMoves++;
  }
}
