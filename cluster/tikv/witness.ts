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
  /** A peer applied an entry. */
  applied(region: RegionInfo, index: number, term: number, store: number, digest: number): void;
  /** A leader answered a read by its lease, without asking. */
  readLocally(region: RegionInfo, term: number, store: number): void;
  /** The region was split; told once, by its leader. */
  split(region: RegionInfo, parts: number): void;
  /** `target` took `source` in; told once, by its leader. */
  merged(target: RegionInfo, source: RegionInfo): void;
  /** A region's peers changed; told once, by its leader. */
  membersChanged(before: RegionInfo, after: RegionInfo): void;
}
