import type { Modify } from '../mvcc/engine.ts';
import type { Entry } from '../raft/index.ts';
import type { SortedRun } from './columns/sorted-run.ts';
import type { PeerInfo, RegionEpoch, RegionInfo } from './request.ts';

/**
 * The ids of a region that a split makes: its own, and one for each peer of its parent, in order.
 */
export interface NewRegionIds {
  readonly region: number;
  readonly peers: readonly number[];
}

/**
 * What regions agree on: the payload of a log entry. Every command carries the epoch that its
 * proposer saw, because a split, a merge or a change of members may be applied between the proposal
 * and its own application. Source: kvproto `raft_cmdpb`.
 */
export type RaftCommand =
  /** Changes to keys, decided by the leader, applied by everyone. */
  | { readonly kind: 'write'; readonly epoch: RegionEpoch; readonly modifies: readonly Modify[] }
  /** The region gives away everything before its last split key; see `split.ts`. */
  | {
      readonly kind: 'batch-split';
      readonly epoch: RegionEpoch;
      /** Ascending, within the region. */
      readonly keys: readonly string[];
      /** One for each key: the region that ends there. */
      readonly ids: readonly NewRegionIds[];
    }
  /** Payload of a membership change: the peers as they will be. */
  | {
      readonly kind: 'change-peer';
      readonly epoch: RegionEpoch;
      readonly peers: readonly PeerInfo[];
      /** How many single changes it makes; `conf_ver` grows by as much. */
      readonly changes: number;
    }
  /** The source of a merge takes no more writes; see `merge.ts`. */
  | {
      readonly kind: 'prepare-merge';
      readonly epoch: RegionEpoch;
      readonly target: RegionInfo;
      /** First entry that some peer of the source may not have yet. */
      readonly minIndex: number;
    }
  /** The target of a merge takes the source in. */
  | {
      readonly kind: 'commit-merge';
      readonly epoch: RegionEpoch;
      readonly source: RegionInfo;
      /** Index of the source's prepare-merge. */
      readonly commit: number;
      /** The end of the source's log, for peers of it that lag. */
      readonly entries: readonly Entry<RaftCommand>[];
    }
  /** The source of a merge that cannot be had goes on by itself. */
  | { readonly kind: 'rollback-merge'; readonly epoch: RegionEpoch; readonly commit: number }
  /** Records that no reader at or after `safePoint` needs are dropped, the same by every peer. */
  | { readonly kind: 'gc'; readonly epoch: RegionEpoch; readonly safePoint: number }
  /** Records that were sorted elsewhere become the region's own; see `ingest.ts`. */
  | { readonly kind: 'ingest-sst'; readonly epoch: RegionEpoch; readonly run: SortedRun }
  /** Entries up to `index` may be forgotten. */
  | { readonly kind: 'compact-log'; readonly epoch: RegionEpoch; readonly index: number };
