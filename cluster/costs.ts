/**
 * What everything costs in virtual time. One place, so that a figure can be checked against its
 * source and changed in a plan. All times are µs unless the name says otherwise. [D] TiDB
 * documentation, [L] log of the seed run, [M] our own modelling.
 */

/** Costs and sizes of one simulated cluster. */
export interface Costs {
  /**
   * One-way network latency: least, and mean of the exponential tail. [D] ≈ 0.2 ms a round trip.
   */
  readonly linkMinUs: number;
  readonly linkTailUs: number;
  /** A synced write of a store. [D] append-log 0.27–0.45 ms on NVMe. */
  readonly syncMinUs: number;
  readonly syncTailUs: number;
  /** Cores of a store's pools and of a TiDB node. [M] the seed's pods. */
  readonly storeCores: number;
  readonly tidbCores: number;
  /** A store's own work for a point read or a scan, before rows. [M] */
  readonly kvReadUs: number;
  /** A store's own work for a write command. [D] prewrite 0.72 ms in TiKV, sync included. */
  readonly kvWriteUs: number;
  /** Looking at one record in a scan. [L] 300 keys/ms on a healthy core; grows with the scale. */
  readonly scanKeyUs: number;
  /** A store's work for each row that a pushed-down executor takes in; grows with the scale. [M] */
  readonly copRowUs: number;
  /** TiDB's work per row that an executor takes in; grows with the scale. [M] */
  readonly executorRowUs: number;
  /**
   * Bytes that TiDB writes to, or reads from, a temporary file in a microsecond; falls with the
   * scale, so that spilling a statement takes as long as it would. [M] 400 MB/s.
   */
  readonly spillBytesPerUs: number;
  /** Parsing, planning, and starting a statement. [D] parse 12–85 µs, compile 50 µs cached. */
  readonly parseUs: number;
  readonly planUs: number;
  readonly executeUs: number;
  /** `mem-quota-query`, 1 GiB divided by the scale, as all sizes of memory are. */
  readonly memQuotaBytes: number;
  /** Memory of a TiDB node's machine. [M] */
  readonly memoryBytes: number;
  /** What a node without sessions holds. [M] caches, connections, the schema */
  readonly idleHeapBytes: number;
  /** Least `tidb_server_memory_limit`, and default of its `…_sess_min_size`. */
  readonly leastServerLimitBytes: number;
  readonly serverLimitSessMinBytes: number;
  /**
   * Records of a region that was split off: `region-split-size`, 96 MiB, in records of 153 bytes,
   * divided by the scale. It splits at half as much again. [L] 655,908 keys a region.
   */
  readonly regionSplitKeys: number;
}

/** The costs at scale 1/`denominator`: what memory is made of shrinks, what a row costs grows. */
export function costsAtScale(denominator: number): Costs {
  return {
    linkMinUs: 80,
    linkTailUs: 20,
    syncMinUs: 250,
    syncTailUs: 100,
    storeCores: 4,
    tidbCores: 8,
    kvReadUs: 30,
    kvWriteUs: 60,
    scanKeyUs: (1000 / 300) * denominator,
    copRowUs: 0.3 * denominator,
    executorRowUs: 0.2 * denominator,
    spillBytesPerUs: 400 / denominator,
    parseUs: 15,
    planUs: 20,
    executeUs: 30,
    memQuotaBytes: Math.max(1, Math.floor(2 ** 30 / denominator)),
    memoryBytes: Math.floor(2 ** 34 / denominator),
    idleHeapBytes: Math.floor((200 * 2 ** 20) / denominator),
    leastServerLimitBytes: Math.floor((512 * 2 ** 20) / denominator),
    serverLimitSessMinBytes: Math.floor((128 * 2 ** 20) / denominator),
    regionSplitKeys: Math.max(1000, Math.round((96 * 2 ** 20) / 153 / denominator)),
  };
}
