/** The start of a node's oldest transaction, as it last told the cluster. */
interface Report {
  readonly startTs: number;
  readonly untilUs: number;
}

/**
 * What the TiDB nodes of a cluster know together about garbage collection: in TiDB rows of
 * `mysql.tidb` and keys in etcd, here one object that all of them see at once, like the schema.
 */
export class GcState {
  /** Reads below are refused: what they need may be gone. */
  safePoint = 0;
  /** When garbage was last collected, ms on PD's clock. */
  lastRunMs = 0;
  private leader: number | undefined = undefined;
  private leaseUntilUs = 0;
  private readonly reports = new Map<number, Report>();

  /** Takes or renews the right to collect (`tikv_gc_leader_lease`); false if another has it. */
  acquireLease(node: number, nowUs: number, leaseUs: number): boolean {
    if (this.leader !== node && this.leaseUntilUs > nowUs) return false;
    this.leader = node;
    this.leaseUntilUs = nowUs + leaseUs;
    return true;
  }

  /** A node tells of its oldest transaction, and is believed for a while. */
  report(node: number, startTs: number, untilUs: number): void {
    this.reports.set(node, { startTs, untilUs });
  }

  /** The oldest transaction that any node has told of. */
  oldestStartTs(nowUs: number): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { startTs, untilUs } of this.reports.values()) {
      if (untilUs >= nowUs && startTs < oldest) oldest = startTs;
    }
    return oldest;
  }
}
