import type { Key } from '../../key.ts';
import type { Lock } from '../../mvcc/records.ts';
import type { CheckTxnStatusRequest, KeyError, TxnStatus } from '../../mvcc/request.ts';
import type { Wait } from '../../sim/index.ts';
import { MAX_TS, physicalMs } from '../../timestamp.ts';
import { AsyncCommitRecovery } from './async-commit-recovery.ts';
import { type Backoffer, BUDGET_MS } from './backoff.ts';
import { sqlErrorOf } from './key-error.ts';
import type { RegionRequestSender } from './region-request.ts';
import type { ResolverClient } from './resolver-client.ts';

/** A transaction of fewer keys is resolved key by key, a larger one region by region. */
const LITE_TXN_SIZE = 16;
/** Decided transactions remembered. */
const CACHE_SIZE = 2048;

/** What a reader may do about a lock it met. */
export interface Resolution {
  /** Transactions whose locks the reader may now pass by. */
  readonly bypass: readonly number[];
  /** Some lock's transaction is alive: a writer must wait before asking again. */
  readonly alive: boolean;
  /** Some lock stands in a reader's way and may not be passed by: a reader must wait. */
  readonly blocked: boolean;
}

/**
 * What to do about other transactions' locks: ask the primary what became of its transaction, which
 * also decides it if its time is up, then finish what it left. Source: client-go `txnlock`.
 */
export class LockResolver {
  private readonly client: ResolverClient;
  /** Outcome by start timestamp: the commit timestamp, or 0. Only final states get in. */
  private readonly decided = new Map<number, number>();

  constructor(client: ResolverClient) {
    this.client = client;
  }

  /** Resolves the locks a reader or writer at `callerStartTs` met. */
  *resolve(locks: readonly Lock[], callerStartTs: number): Wait<Resolution> {
    const bypass: number[] = [];
    let alive = false;
    let blocked = false;
    for (const lock of locks) {
      const status = yield* this.statusOf(lock, callerStartTs);
      if (status === undefined || status.lockTtlMs > 0) {
        alive = true;
        if (status?.action === 'MinCommitTSPushed') bypass.push(lock.startTs);
        else blocked = true;
        continue;
      }
      if (status.commitTs > callerStartTs) bypass.push(lock.startTs);
      yield* this.finish(lock, status.commitTs);
    }
    return { bypass, alive, blocked };
  }

  /**
   * Ends the transactions of these locks, as if their time were over, and settles the locks: they
   * began before the safe point of garbage collection. Source: client-go `BatchResolveLocks`.
   */
  *settleAll(locks: readonly Lock[]): Wait<void> {
    for (const lock of locks) {
      const known = this.decided.get(lock.startTs);
      const commitTs = known ?? (yield* this.conclude(lock, 0, MAX_TS))?.commitTs;
      if (commitTs !== undefined) yield* this.finish(lock, commitTs);
    }
  }

  /** What is known of the lock's transaction; undefined is "alive, as far as anyone can tell". */
  private *statusOf(lock: Lock, callerStartTs: number): Wait<TxnStatus | undefined> {
    const commitTs = this.decided.get(lock.startTs);
    if (commitTs !== undefined) return { lockTtlMs: 0, commitTs, action: 'NoAction' };
    const currentTs = yield* this.client.pd.timestamp();
    return yield* this.conclude(lock, callerStartTs, currentTs);
  }

  /** Asks the primary, and where that may not decide alone, the other keys. */
  private *conclude(
    lock: Lock,
    callerStartTs: number,
    currentTs: number,
  ): Wait<TxnStatus | undefined> {
    const status = yield* this.ask({ lock, callerStartTs, currentTs, forceSyncCommit: false });
    const primary = status?.lock;
    if (primary?.secondaries === undefined || !hasExpired(primary, currentTs)) return status;
    if (lock.type === 'pessimistic') return RELEASED;
    const commit = yield* new AsyncCommitRecovery(this.client, primary, currentTs).run();
    if (commit.kind === 'not-async') {
      return yield* this.ask({ lock, callerStartTs, currentTs, forceSyncCommit: true });
    }
    const decided: TxnStatus = { lockTtlMs: 0, commitTs: commit.commitTs, action: 'NoAction' };
    this.remember(lock.startTs, decided);
    return decided;
  }

  private *ask(question: Question): Wait<TxnStatus | undefined> {
    const { lock, callerStartTs, currentTs, forceSyncCommit } = question;
    const { sender } = this.client;
    const backoff = this.client.backoff(BUDGET_MS.status);
    const request: CheckTxnStatusRequest = {
      kind: 'check-txn-status',
      primary: lock.primary,
      lockTs: lock.startTs,
      callerStartTs,
      currentTs,
      rollbackIfNotExist: hasExpired(lock, currentTs),
      forceSyncCommit,
      resolvingPessimisticLock: lock.type === 'pessimistic',
    };
    for (;;) {
      const region = yield* sender.regions.locate(lock.primary.encoded);
      const reply = yield* sender.send(region, request, backoff);
      if (reply === undefined) continue;
      if (reply.status === undefined) return withoutStatus(lock, reply.error);
      this.remember(lock.startTs, reply.status);
      return reply.status;
    }
  }

  /** A released pessimistic lock decides nothing about its transaction, so it is not remembered. */
  private remember(startTs: number, status: TxnStatus): void {
    if (status.lockTtlMs > 0) return;
    const final = status.commitTs > 0 || FINAL_ACTIONS.has(status.action);
    if (!final && !this.client.bugs.has('txn.resolvedCachePessimistic')) return;
    if (this.decided.size >= CACHE_SIZE) {
      for (const oldest of this.decided.keys()) {
        this.decided.delete(oldest);
        break;
      }
    }
    this.decided.set(startTs, status.commitTs);
  }

  private *finish(lock: Lock, commitTs: number): Wait<void> {
    const { sender } = this.client;
    const backoff = this.client.backoff(BUDGET_MS.status);
    const { key, startTs } = lock;
    if (lock.type === 'pessimistic') {
      yield* sender.onRegions([key], (region, keys) => this.release(region, keys, lock, backoff));
      return;
    }
    for (;;) {
      const region = yield* sender.regions.locate(key.encoded);
      const lite = lock.txnSize < LITE_TXN_SIZE;
      const request = { kind: 'resolve-lock' as const, startTs, commitTs };
      const body = lite ? { ...request, keys: [key] } : request;
      if ((yield* sender.send(region, body, backoff)) !== undefined) return;
    }
  }

  private *release(
    region: Parameters<RegionRequestSender['send']>[0],
    keys: readonly Key[],
    lock: Lock,
    backoff: Backoffer,
  ): Wait<boolean> {
    const { startTs, forUpdateTs } = lock;
    const body = { kind: 'pessimistic-rollback' as const, keys, startTs, forUpdateTs };
    return (yield* this.client.sender.send(region, body, backoff)) !== undefined;
  }
}

/** One look at the primary. */
interface Question {
  readonly lock: Lock;
  readonly callerStartTs: number;
  readonly currentTs: number;
  readonly forceSyncCommit: boolean;
}

/** Nothing is decided but that this pessimistic lock may go. */
const RELEASED: TxnStatus = { lockTtlMs: 0, commitTs: 0, action: 'TTLExpirePessimisticRollback' };

/**
 * The primary said nothing of the transaction. A lock that names a key which is the primary no more
 * was left by a failed statement: it goes, whatever becomes of its transaction (tidb issue 42937).
 */
function withoutStatus(lock: Lock, error: KeyError | undefined): TxnStatus | undefined {
  if (error?.kind !== 'PrimaryMismatch') return undefined;
  if (lock.type !== 'pessimistic') throw sqlErrorOf(error);
  return RELEASED;
}

const FINAL_ACTIONS: ReadonlySet<TxnStatus['action']> = new Set([
  'NoAction',
  'TTLExpireRollback',
  'LockNotExistRollback',
]);

/**
 * Whether the lock's time is over. Only then may a primary without a trace be rolled back: before
 * that its prewrite may still be on its way, since all regions are prewritten at once.
 */
function hasExpired(lock: Lock, currentTs: number): boolean {
  return physicalMs(lock.startTs) + lock.ttlMs < physicalMs(currentTs);
}
