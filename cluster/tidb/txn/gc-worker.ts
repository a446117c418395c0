import { SqlError } from '../../errors.ts';
import { type Process, sleep, type Wait } from '../../sim/index.ts';
import type { GcRequest, ScanLockRequest } from '../../tikv/request.ts';
import { composeTs, physicalMs } from '../../timestamp.ts';
import { BUDGET_MS } from './backoff.ts';
import type { TxnClient } from './client.ts';
import type { CachedRegion } from './region-cache.ts';
import type { ReplyOf } from './region-request.ts';

/** `gcWorkerTickInterval`. */
const TICK_US = 60_000_000;
/** `gcWorkerLease`. */
const LEASE_US = 120_000_000;
/** Reports of nodes that are gone hold garbage back no longer than this. */
const REPORT_US = 180_000_000;
/** `gcScanLockLimit`. */
const SCAN_LIMIT = 1024;

/** `tidb_gc_enable`, `tidb_gc_life_time` and `tidb_gc_run_interval`. */
export interface GcSettings {
  readonly enabled: boolean;
  readonly lifeMs: number;
  readonly intervalMs: number;
}

/**
 * Garbage collection, on one TiDB node at a time:
 *
 * ```
 *   safe point = min(now - life time, the oldest running transaction)
 *   1. publish it: older reads are refused with 9006 from now on
 *   2. settle every lock of a transaction that began before it
 *   3. have every region drop what no later reader needs
 * ```
 *
 * The second step must be complete before the third begins: a lock left over may belong to a
 * committed transaction, and the record of its primary, which says so, may be garbage. Source: TiDB
 * `store/gcworker`, in its central mode.
 */
export class GcWorker {
  private readonly client: TxnClient;
  private readonly settings: () => GcSettings;

  constructor(client: TxnClient, settings: () => GcSettings) {
    this.client = client;
    this.settings = settings;
  }

  /** Looks once a minute whether it is time. Trouble ends one attempt, not the worker. */
  *run(): Wait<never> {
    for (;;) {
      yield* sleep(this.process, TICK_US);
      try {
        yield* this.tick();
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        this.log('WARN', '[gc worker] gc job failed', [['error', error.message]]);
      }
    }
  }

  private get process(): Process {
    return this.client.process;
  }

  private *tick(): Wait<void> {
    const { gc } = this.client;
    const { node, world } = this.process;
    gc.report(node, this.client.oldestStartTs(), world.nowUs + REPORT_US);
    const { enabled, lifeMs, intervalMs } = this.settings();
    if (!enabled || !gc.acquireLease(node, world.nowUs, LEASE_US)) return;
    const nowMs = physicalMs(yield* this.client.pd.timestamp());
    if (nowMs - gc.lastRunMs < intervalMs || nowMs <= lifeMs) return;
    gc.lastRunMs = nowMs;
    const safePoint = this.safePointAt(composeTs(nowMs - lifeMs, 0));
    if (safePoint > gc.safePoint) yield* this.collect(safePoint);
  }

  /** No later than `wanted`, and before every running transaction. */
  private safePointAt(wanted: number): number {
    const { gc, bugs } = this.client;
    if (bugs.has('gc.ignoresRunningTransactions')) return wanted;
    return Math.min(wanted, gc.oldestStartTs(this.process.world.nowUs) - 1);
  }

  private *collect(safePoint: number): Wait<void> {
    this.log('INFO', '[gc worker] starts the whole job', [['safePoint', safePoint]]);
    this.client.gc.safePoint = safePoint;
    if (!this.client.bugs.has('gc.leavesLocks')) yield* this.resolveLocks(safePoint);
    yield* this.dropGarbage(safePoint);
    this.log('INFO', '[gc worker] finished the whole job', [['safePoint', safePoint]]);
  }

  private *resolveLocks(safePoint: number): Wait<void> {
    let startKey: string | undefined = '';
    while (startKey !== undefined) {
      const answer: Answer<ScanLockRequest> = yield* this.askRegionOf(startKey, {
        kind: 'scan-lock',
        maxVersion: safePoint,
        startKey,
        limit: SCAN_LIMIT,
      });
      const { locks } = answer.reply;
      yield* this.client.resolver.settleAll(locks);
      const last = locks.length === SCAN_LIMIT ? locks.at(-1) : undefined;
      startKey = last?.key.encoded ?? nextKey(answer.region);
    }
  }

  private *dropGarbage(safePoint: number): Wait<void> {
    let startKey: string | undefined = '';
    while (startKey !== undefined) {
      const answer: Answer<GcRequest> = yield* this.askRegionOf(startKey, {
        kind: 'gc',
        safePoint,
      });
      startKey = nextKey(answer.region);
    }
  }

  private *askRegionOf<B extends ScanLockRequest | GcRequest>(
    key: string,
    body: B,
  ): Wait<Answer<B>> {
    const { sender } = this.client;
    const backoff = this.client.backoff(BUDGET_MS.gcResolve);
    for (;;) {
      const region = yield* sender.regions.locate(key);
      const reply = yield* sender.send(region, body, backoff);
      if (reply !== undefined) return { region, reply };
    }
  }

  private log(
    level: 'INFO' | 'WARN',
    message: string,
    fields: readonly (readonly [string, string | number])[],
  ): void {
    this.client.log(level, 'gc_worker.go:390', message, fields);
  }
}

interface Answer<B extends ScanLockRequest | GcRequest> {
  readonly region: CachedRegion;
  readonly reply: ReplyOf<B>;
}

/** Where the next region begins, if there is one. */
function nextKey({ info }: CachedRegion): string | undefined {
  return info.endKey === '' ? undefined : info.endKey;
}
