const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
const MIB = 1024 * 1024;

/**
 * What PD's scheduling is configured with (`[schedule]` and `[replication]` of `pd.toml`, and the
 * constants beside them). Times in µs. Sizes in bytes, so that a scaled-down cluster can divide
 * them; see {@link scheduleConfig}.
 */
export interface ScheduleConfig {
  /** Voters a region should have. */
  readonly maxReplicas: number;
  /** How many operators may run that began as transfers of leaders, … */
  readonly leaderScheduleLimit: number;
  /** … as moves of peers, … */
  readonly regionScheduleLimit: number;
  /** … as repairs, … */
  readonly replicaScheduleLimit: number;
  /** … as merges; both halves of a merge count. */
  readonly mergeScheduleLimit: number;
  /** A store with more snapshots on their way neither gives nor takes peers. */
  readonly maxSnapshotCount: number;
  /** A store with more peers that lag behind takes no others. */
  readonly maxPendingPeerCount: number;
  /** Operators of one scheduler that may wait to be started. */
  readonly maxWaitingOperators: number;
  /** An operator that was not started within this time is dropped. */
  readonly operatorExpiryUs: number;
  /** Peers that a store may be given, and peers that may be taken from it, per minute. */
  readonly storeLimitPerMinute: number;
  /** A region up to this size costs a fifth of the store limit. */
  readonly smallRegionBytes: number;
  /** A region up to this size costs nothing of it. */
  readonly emptyRegionBytes: number;
  /** What counts as a megabyte where a time allowed grows with a region's size. */
  readonly megabyteBytes: number;
  /** The merge checker leaves regions above either of these alone. */
  readonly maxMergeRegionBytes: number;
  readonly maxMergeRegionKeys: number;
  /** And regions that were split, or a PD that was started, within this time. */
  readonly splitMergeIntervalUs: number;
  /** A region may not be merged into a neighbour larger than this. */
  readonly maxMergeTargetBytes: number;
  /** Merge only with the next region, never with the one before. */
  readonly oneWayMerge: boolean;
  /** Merge regions of different tables too. */
  readonly crossTableMerge: boolean;
  /** Silence after which a store counts as disconnected: it gets no more work. */
  readonly storeDisconnectedUs: number;
  /** Silence after which a store counts as down: its peers are replaced. */
  readonly maxStoreDownTimeUs: number;
  /**
   * Balance moves are worth it from so many average regions on; 0 lets the cluster's size decide.
   */
  readonly tolerantSizeRatio: number;
  /** How often a scheduler runs that finds something to do, and how seldom one that does not. */
  readonly minScheduleIntervalUs: number;
  readonly maxScheduleIntervalUs: number;
  /** Pause between two batches of the patrol, and regions in a batch. */
  readonly patrolIntervalUs: number;
  readonly patrolBatch: number;
  /** How often operators are looked at that have not been heard of. */
  readonly pushIntervalUs: number;
  /** Time after which a new leader of PD schedules even if it does not know all regions. */
  readonly collectTimeoutUs: number;
}

/** PD v6.0.0 as it comes. */
const DEFAULTS: ScheduleConfig = {
  maxReplicas: 3,
  leaderScheduleLimit: 4,
  regionScheduleLimit: 2048,
  replicaScheduleLimit: 64,
  mergeScheduleLimit: 8,
  maxSnapshotCount: 64,
  maxPendingPeerCount: 64,
  maxWaitingOperators: 5,
  operatorExpiryUs: 3 * SECOND_US,
  storeLimitPerMinute: 15,
  smallRegionBytes: 20 * MIB,
  emptyRegionBytes: MIB,
  megabyteBytes: MIB,
  maxMergeRegionBytes: 20 * MIB,
  maxMergeRegionKeys: 200_000,
  splitMergeIntervalUs: 60 * MINUTE_US,
  maxMergeTargetBytes: 500 * MIB,
  oneWayMerge: false,
  crossTableMerge: true,
  storeDisconnectedUs: 20 * SECOND_US,
  maxStoreDownTimeUs: 30 * MINUTE_US,
  tolerantSizeRatio: 0,
  minScheduleIntervalUs: 10_000,
  maxScheduleIntervalUs: 5 * SECOND_US,
  patrolIntervalUs: 10_000,
  patrolBatch: 128,
  pushIntervalUs: 500_000,
  collectTimeoutUs: 5 * MINUTE_US,
};

/** The defaults for a cluster at scale `1 / denominator`: times stay, sizes and keys shrink. */
export function scheduleConfig(
  denominator = 1,
  changes: Partial<ScheduleConfig> = {},
): ScheduleConfig {
  const shrink = (amount: number): number => Math.max(1, Math.floor(amount / denominator));
  return {
    ...DEFAULTS,
    smallRegionBytes: shrink(DEFAULTS.smallRegionBytes),
    emptyRegionBytes: shrink(DEFAULTS.emptyRegionBytes),
    megabyteBytes: shrink(DEFAULTS.megabyteBytes),
    maxMergeRegionBytes: shrink(DEFAULTS.maxMergeRegionBytes),
    maxMergeRegionKeys: shrink(DEFAULTS.maxMergeRegionKeys),
    maxMergeTargetBytes: shrink(DEFAULTS.maxMergeTargetBytes),
    ...changes,
  };
}
