import type { RaftCommand } from './command.ts';
import type { RegionInfo } from './request.ts';

/**
 * Who is told what happens to regions: the counters of a run, and the assertions that are always
 * on. A store tells and never asks, so a witness cannot change what happens.
 */
export interface Witness {
  /** A peer became leader of its region. */
  elected(region: RegionInfo, term: number, store: number): void;
  /** A leader was told to hand over, and has. */
  transferred(region: RegionInfo): void;
  /**
   * A peer applied an entry, as its region's leader or not; there is no command if the region had
   * changed and refused it.
   */
  applied(
    region: RegionInfo,
    index: number,
    term: number,
    store: number,
    command: RaftCommand | undefined,
    leads: boolean,
  ): void;
  /** A leader answered a read by its lease, without asking. */
  readLocally(region: RegionInfo, term: number, store: number): void;
  /** A leader answers a read that was asked for at `askedUs`, having applied up to `applied`. */
  read(region: RegionInfo, applied: number, askedUs: number): void;
  /** A peer that does not lead answers a read. */
  readOnReplica(): void;
  /** All that is visible at `readTs` in a range of a region was read. */
  scanned(region: RegionInfo, start: string, end: string, readTs: number): void;
  /** A peer applied a split of its region into `after`. */
  split(before: RegionInfo, after: readonly RegionInfo[], leads: boolean): void;
  /** A peer of `target` took `source` in. */
  merged(target: RegionInfo, source: RegionInfo, leads: boolean): void;
  /** A peer applied a change of its region's members. */
  membersChanged(before: RegionInfo, after: RegionInfo, leads: boolean): void;
}
