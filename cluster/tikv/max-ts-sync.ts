import type { Bugs } from '../bugs.ts';
import { type Process, sleep, type Wait } from '../sim/index.ts';
import type { ConcurrencyManager } from './concurrency-manager.ts';

/** Between two tries to get a timestamp, µs. */
const RETRY_US = 100_000;

/**
 * Which regions of a store may have timestamps calculated for them. A new leader does not know how
 * far its predecessor had been read; but no read is younger than a timestamp that PD gives out
 * after the leadership changed. Until that timestamp has come, prewrites of async commits and 1PC
 * are refused with `MaxTimestampNotSynced`. Source: TiKV `raftstore/store/txn_ext.rs` and
 * `update_max_timestamp_in_pd`.
 */
export class MaxTsSync {
  private readonly process: Process;
  private readonly timestamp: () => Wait<number | undefined>;
  private readonly concurrency: ConcurrencyManager;
  private readonly bugs: Bugs;
  private readonly synced = new Set<number>();
  /** Regions whose leadership began after the request under way was sent. */
  private waiting = new Set<number>();
  private running = false;

  constructor(
    process: Process,
    timestamp: () => Wait<number | undefined>,
    concurrency: ConcurrencyManager,
    bugs: Bugs,
  ) {
    this.process = process;
    this.timestamp = timestamp;
    this.concurrency = concurrency;
    this.bugs = bugs;
  }

  /** Whether timestamps may be calculated for a region that this store leads. */
  isSynced(region: number): boolean {
    return this.synced.has(region);
  }

  /**
   * This store begins to lead a region: after an election, a restart, a split (the new region), or
   * a merge that brought in keys which somebody else may have led.
   */
  becameLeader(region: number): void {
    if (this.bugs.has('txn.maxTsNotSynced')) {
      this.synced.add(region);
      return;
    }
    this.synced.delete(region);
    this.waiting.add(region);
    if (this.running) return;
    this.running = true;
    this.process.spawn(this.run());
  }

  /** This store does not lead the region any more. */
  lostLeadership(region: number): void {
    this.synced.delete(region);
    this.waiting.delete(region);
  }

  private *run(): Wait<void> {
    while (this.waiting.size > 0) {
      const asking = this.waiting;
      this.waiting = new Set();
      const ts = yield* this.timestamp();
      if (ts === undefined) {
        for (const region of asking) this.waiting.add(region);
        yield* sleep(this.process, RETRY_US);
        continue;
      }
      this.concurrency.advance(ts);
      for (const region of asking) if (!this.waiting.has(region)) this.synced.add(region);
    }
    this.running = false;
  }
}
