import type { RegionEpoch, RegionInfo } from '../tikv/request.ts';

/** What a leader tells PD about its region. Source: kvproto `pdpb.RegionHeartbeatRequest`. */
export interface RegionHeartbeat {
  readonly region: RegionInfo;
  /** Peer id of the leader. */
  readonly leader: number;
  readonly term: number;
  /** Peers that have not been heard of for ten minutes. */
  readonly downPeers: readonly number[];
  /** Peers whose log lags so far that a snapshot is on its way, or will be. */
  readonly pendingPeers: readonly number[];
  readonly approximateSizeBytes: number;
  readonly approximateKeys: number;
}

/** What a store tells PD about itself. Source: kvproto `pdpb.StoreStats`. */
export interface StoreHeartbeat {
  /** Node number. */
  readonly store: number;
  readonly regionCount: number;
  readonly leaderCount: number;
}

/** One wish of PD about one peer of a region. */
export interface PeerWish {
  readonly kind: 'add-voter' | 'add-learner' | 'remove';
  readonly peer: { readonly id: number; readonly store: number };
}

/**
 * The step of an operator that a leader is to take. It is void once the region's epoch has moved.
 * Source: kvproto `pdpb.RegionHeartbeatResponse`.
 */
export type RegionHeartbeatResponse = {
  readonly region: number;
  readonly epoch: RegionEpoch;
} & (
  | { readonly kind: 'transfer-leader'; readonly peer: number }
  /** One wish is a simple change, several are a joint one, none ends a joint phase. */
  | { readonly kind: 'change-peer'; readonly wishes: readonly PeerWish[] }
  | { readonly kind: 'merge'; readonly target: RegionInfo }
  /** Split in the middle. */
  | { readonly kind: 'split-region' }
);
