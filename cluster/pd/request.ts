/** The wire to PD. Names are kvproto's `pdpb`. */
import type { RegionInfo } from '../tikv/request.ts';
import type { SplitIds } from './coordinator.ts';
import type { RegionHeartbeat, RegionHeartbeatResponse, StoreHeartbeat } from './heartbeat.ts';

/** Requests that PD answers; only its leader does. */
export type PdRequest =
  | { readonly kind: 'tso'; readonly count: number }
  | { readonly kind: 'get-region'; readonly key: string }
  /** Regions overlapping `[startKey, endKey)`, in order, at most `limit`. */
  | {
      readonly kind: 'scan-regions';
      readonly startKey: string;
      readonly endKey: string;
      readonly limit: number;
    }
  | { readonly kind: 'get-members' }
  /** Fresh ids for tables, indexes and sessions: `count` of them, never given twice. */
  | { readonly kind: 'alloc-id'; readonly count: number }
  | { readonly kind: 'get-region-by-id'; readonly id: number }
  | { readonly kind: 'store-heartbeat'; readonly stats: StoreHeartbeat }
  | { readonly kind: 'region-heartbeat'; readonly heartbeats: readonly RegionHeartbeat[] }
  /** Ids for `count` regions that are to be split off a region. */
  | { readonly kind: 'ask-batch-split'; readonly region: RegionInfo; readonly count: number };

/** A region and where its leader is believed to be (node number). */
export interface RegionRoute {
  readonly region: RegionInfo;
  readonly leaderStore: number;
}

/** PD's answers. `not-leader` names the leader's node if this member knows it. */
export type PdReply =
  /** The last of `count` timestamps: `ts - count + 1 … ts` are the caller's. */
  | { readonly kind: 'tso'; readonly ts: number }
  | { readonly kind: 'region'; readonly route: RegionRoute | undefined }
  | { readonly kind: 'regions'; readonly routes: readonly RegionRoute[] }
  | { readonly kind: 'members'; readonly leader: number | undefined }
  | { readonly kind: 'id'; readonly first: number }
  | { readonly kind: 'split-ids'; readonly ids: readonly SplitIds[] }
  /** What the leaders of the regions in a heartbeat are to do next. */
  | { readonly kind: 'operator-steps'; readonly steps: readonly RegionHeartbeatResponse[] }
  | { readonly kind: 'ok' }
  | { readonly kind: 'not-leader'; readonly leader: number | undefined }
  | { readonly kind: 'error'; readonly message: string };
