import type { StoreHeartbeat } from './heartbeat.ts';
import { RegionSet } from './region-set.ts';
import type { ScheduleConfig } from './schedule-config.ts';
import { StoreLimit } from './store-limit.ts';

/** A store's heartbeat with all that PD can make use of. Source: kvproto `pdpb.StoreStats`. */
export interface StoreStats extends StoreHeartbeat {
  /** Has more to do than it can. */
  readonly isBusy?: boolean;
  /** Its disk answers so slowly that it should not lead. */
  readonly isSlow?: boolean;
  /** Snapshots it sends, receives or applies. */
  readonly snapshots?: number;
  readonly capacityBytes?: number;
  readonly availableBytes?: number;
}

/** What a store is to PD; see {@link StoreInfo.state}. */
export type StoreState = 'up' | 'disconnected' | 'down' | 'offline' | 'tombstone';

/** A store with less than a fifth of its disk left takes no more peers (`low-space-ratio`). */
const LOW_SPACE = 5;

/** What PD knows of a store. Source: PD `core.StoreInfo`. */
export class StoreInfo {
  /** Node number. */
  readonly id: number;
  /** Regions that have their leader, another voter, a learner, a lagging peer here. */
  readonly leaders = new RegionSet();
  readonly followers = new RegionSet();
  readonly learners = new RegionSet();
  readonly pending = new RegionSet();
  readonly addLimit: StoreLimit;
  readonly removeLimit: StoreLimit;
  /** Sum of the sizes of the regions with a peer here. */
  regionBytes = 0;
  /** Is to lose all its peers, and has lost them. */
  isRemoving = false;
  isTombstone = false;
  stats: StoreStats;
  private readonly config: ScheduleConfig;
  private heardUs: number;

  /** A store counts as heard of when PD first hears of it. */
  constructor(id: number, nowUs: number, config: ScheduleConfig) {
    this.id = id;
    this.config = config;
    this.heardUs = nowUs;
    this.stats = { store: id, regionCount: 0, leaderCount: 0 };
    this.addLimit = new StoreLimit(config.storeLimitPerMinute);
    this.removeLimit = new StoreLimit(config.storeLimitPerMinute);
  }

  /** Takes a heartbeat in. */
  heard(stats: StoreStats, nowUs: number): void {
    this.stats = stats;
    this.heardUs = nowUs;
  }

  /** One word for what it is, the gravest first. */
  state(nowUs: number): StoreState {
    if (this.isTombstone) return 'tombstone';
    if (this.isRemoving) return 'offline';
    if (this.isDown(nowUs)) return 'down';
    return this.isDisconnected(nowUs) ? 'disconnected' : 'up';
  }

  /** Silent for so long that no work should be given to it. */
  isDisconnected(nowUs: number): boolean {
    return nowUs - this.heardUs > this.config.storeDisconnectedUs;
  }

  /** Silent for so long that its peers should be replaced. */
  isDown(nowUs: number): boolean {
    return nowUs - this.heardUs >= this.config.maxStoreDownTimeUs;
  }

  get isBusy(): boolean {
    return this.stats.isBusy === true;
  }

  get isSlow(): boolean {
    return this.stats.isSlow === true;
  }

  get hasLowSpace(): boolean {
    const { capacityBytes, availableBytes } = this.stats;
    if (capacityBytes === undefined || availableBytes === undefined) return false;
    return availableBytes * LOW_SPACE < capacityBytes;
  }

  get hasManySnapshots(): boolean {
    return (this.stats.snapshots ?? 0) > this.config.maxSnapshotCount;
  }

  get hasManyPendingPeers(): boolean {
    return this.pending.size > this.config.maxPendingPeerCount;
  }

  /** Peers that PD knows to be here. */
  get regionCount(): number {
    return this.leaders.size + this.followers.size + this.learners.size;
  }
}
