import type { Bugs } from '../../bugs.ts';
import { SqlError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { type Process, Rng } from '../../sim/index.ts';
import { Backoffer } from './backoff.ts';
import { GcState } from './gc-state.ts';
import { LockResolver } from './lock-resolver.ts';
import { PdClient } from './pd-client.ts';
import { RegionCache } from './region-cache.ts';
import { RegionRequestSender } from './region-request.ts';

/** What the transactions of one TiDB node share. */
export class TxnClient {
  readonly process: Process;
  readonly pd: PdClient;
  readonly sender: RegionRequestSender;
  readonly resolver: LockResolver;
  readonly bugs: Bugs;
  readonly log: Log;
  readonly gc: GcState;
  /** Start timestamps of transactions that have begun and not ended. */
  readonly running = new Set<number>();
  /** Tasks of this node that scan for somebody: none is left when all scans are closed. */
  copWorkers = 0;
  private readonly rng: Rng;

  constructor(
    process: Process,
    pdNodes: readonly number[],
    bugs: Bugs,
    log: Log,
    gc: GcState = new GcState(),
  ) {
    this.process = process;
    this.gc = gc;
    this.bugs = bugs;
    this.log = log;
    this.pd = new PdClient(process, pdNodes, log);
    this.sender = new RegionRequestSender(process, new RegionCache(this.pd));
    this.resolver = new LockResolver(this);
    this.rng = new Rng(process.world.seed, `backoff/${process.node}/${process.incarnation}`);
  }

  /** Infinity if nothing runs. */
  oldestStartTs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const startTs of this.running) if (startTs < oldest) oldest = startTs;
    return oldest;
  }

  /** Throws 9006 for a read of which parts may be gone already. Ask when the rows are there. */
  checkVisible(readTs: number): void {
    const { safePoint } = this.gc;
    if (readTs >= safePoint) return;
    throw new SqlError(
      9006,
      `GC life time is shorter than transaction duration, transaction starts at ${readTs}, ` +
        `GC safe point is ${safePoint}`,
    );
  }

  /** A fresh budget of patience. */
  backoff(budgetMs: number): Backoffer {
    return new Backoffer(this.process, this.rng, budgetMs);
  }
}
