import type { Bugs } from '../../bugs.ts';
import type { Log } from '../../log.ts';
import { type Process, Rng } from '../../sim/index.ts';
import { Backoffer } from './backoff.ts';
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
  private readonly rng: Rng;

  constructor(process: Process, pdNodes: readonly number[], bugs: Bugs, log: Log) {
    this.process = process;
    this.bugs = bugs;
    this.log = log;
    this.pd = new PdClient(process, pdNodes, log);
    this.sender = new RegionRequestSender(process, new RegionCache(this.pd));
    this.resolver = new LockResolver(this);
    this.rng = new Rng(process.world.seed, `backoff/${process.node}/${process.incarnation}`);
  }

  /** A fresh budget of patience. */
  backoff(budgetMs: number): Backoffer {
    return new Backoffer(this.process, this.rng, budgetMs);
  }
}
