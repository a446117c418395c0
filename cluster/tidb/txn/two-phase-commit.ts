import { ConnectionLost, SqlError } from '../../errors.ts';
import type { Key } from '../../key.ts';
import type { Lock } from '../../mvcc/records.ts';
import type { KeyError, Mutation, PrewriteRequest } from '../../mvcc/request.ts';
import type { Wait } from '../../sim/index.ts';
import { type Backoffer, BUDGET_MS } from './backoff.ts';
import type { TxnClient } from './client.ts';
import { sqlErrorOf } from './key-error.ts';
import type { CachedRegion } from './region-cache.ts';

/** What is committed. */
export interface CommitPlan {
  readonly startTs: number;
  /** 0 in optimistic transactions. */
  readonly forUpdateTs: number;
  readonly primary: Key;
  /** Ascending by key; the primary is among them. */
  readonly mutations: readonly Mutation[];
  readonly ttlMs: number;
}

interface Item {
  readonly encoded: string;
  readonly mutation: Mutation;
}

/**
 * Two-phase commit. Prewrite locks every key; committing the primary decides; the secondaries
 * follow in the background, and whoever meets one before that asks the primary.
 *
 * If the answer to the primary's commit is lost, the transaction may or may not be decided: that is
 * remembered until some later answer settles it, and if none comes the result is *undetermined*.
 * The caller must then close the connection instead of naming an outcome. Source: Percolator §2.2;
 * client-go `transaction/2pc.go`, `commit.go`.
 */
export class TwoPhaseCommit {
  private readonly client: TxnClient;
  private readonly plan: CommitPlan;

  constructor(client: TxnClient, plan: CommitPlan) {
    this.client = client;
    this.plan = plan;
  }

  /**
   * Returns when committed; throws a definite `SqlError`, or `ConnectionLost` when undetermined.
   */
  *run(): Wait<void> {
    let commitTs: number;
    try {
      yield* this.prewrite();
      commitTs = yield* this.client.pd.timestamp();
    } catch (error) {
      this.cleanUp();
      throw error;
    }
    yield* this.commitPrimary(commitTs);
  }

  private *prewrite(): Wait<void> {
    const items = this.plan.mutations.map((mutation) => ({
      encoded: mutation.key.encoded,
      mutation,
    }));
    const backoff = this.client.backoff(BUDGET_MS.prewrite);
    let sent = false;
    const work = (region: CachedRegion, some: readonly Item[]): Wait<boolean> => {
      const isRetry = sent;
      return this.prewriteRegion(region, some, backoff, isRetry, () => {
        sent = true;
      });
    };
    yield* this.client.sender.onRegions(items, work);
  }

  private *prewriteRegion(
    region: CachedRegion,
    items: readonly Item[],
    backoff: Backoffer,
    isRetry: boolean,
    onRpcError: () => void,
  ): Wait<boolean> {
    const { startTs, forUpdateTs, primary, mutations, ttlMs } = this.plan;
    const request: PrewriteRequest = {
      kind: 'prewrite',
      mutations: items.map(({ mutation }) => mutation),
      primary,
      startTs,
      forUpdateTs,
      ttlMs,
      txnSize: mutations.length,
      minCommitTs: Math.max(startTs, forUpdateTs) + 1,
      isRetry,
    };
    for (;;) {
      const reply = yield* this.client.sender.send(region, request, backoff, onRpcError);
      if (reply === undefined) return false;
      if (reply.errors.length === 0) return true;
      const locks = reply.errors.map(lockOf);
      const resolution = yield* this.client.resolver.resolve(locks, startTs);
      if (resolution.alive) yield* backoff.wait('txnLock');
    }
  }

  /** The commit point. */
  private *commitPrimary(firstCommitTs: number): Wait<void> {
    const { client } = this;
    const { startTs, primary } = this.plan;
    const backoff = client.backoff(BUDGET_MS.commitPrimary);
    let commitTs = firstCommitTs;
    let undetermined = false;
    const onRpcError = (): void => {
      undetermined = true;
    };
    try {
      for (;;) {
        const region = yield* client.sender.regions.locate(primary.encoded);
        const body = { kind: 'commit' as const, keys: [primary], startTs, commitTs };
        const reply = yield* client.sender.send(region, body, backoff, onRpcError);
        if (reply === undefined) continue;
        undetermined = false;
        const [error] = reply.errors;
        if (error === undefined) break;
        if (error.kind !== 'CommitTsExpired') throw sqlErrorOf(error);
        commitTs = yield* client.pd.timestamp();
      }
    } catch (error) {
      if (!undetermined) {
        this.cleanUp();
        throw error;
      }
      if (this.concludeUndetermined()) return;
    }
    this.commitSecondaries(commitTs);
  }

  /**
   * Nobody knows whether the primary was committed. The rule is to close the connection; two seeded
   * defects name an outcome instead. Returns true where the transaction is called committed.
   */
  private concludeUndetermined(): boolean {
    const { bugs, log } = this.client;
    if (bugs.has('client.undeterminedAsFail')) throw new SqlError(8022, 'transaction aborted');
    if (bugs.has('client.undeterminedAsSuccess')) return true;
    log('ERROR', 'conn.go:1088', 'result undetermined, close this connection', [
      ['txnStartTS', this.plan.startTs],
    ]);
    throw new ConnectionLost('execution result undetermined');
  }

  private commitSecondaries(commitTs: number): void {
    const { startTs, primary, mutations } = this.plan;
    const keys = mutations
      .filter(({ key, op }) => key.encoded !== primary.encoded && op !== 'check-not-exists')
      .map(({ key }) => key);
    if (keys.length === 0) return;
    const backoff = this.client.backoff(BUDGET_MS.commitSecondary);
    const work = (region: CachedRegion, some: readonly Key[]): Wait<boolean> =>
      this.sendKeys(region, { kind: 'commit', keys: some, startTs, commitTs }, backoff);
    this.inBackground(this.client.sender.onRegions(keys, work));
  }

  /** Rolls everything back, as far as it will go; what remains expires. */
  private cleanUp(): void {
    const { startTs, mutations } = this.plan;
    const keys = mutations.map(({ key }) => key);
    const backoff = this.client.backoff(BUDGET_MS.rollback);
    const work = (region: CachedRegion, some: readonly Key[]): Wait<boolean> =>
      this.sendKeys(region, { kind: 'batch-rollback', keys: some, startTs }, backoff);
    this.inBackground(this.client.sender.onRegions(keys, work));
  }

  private *sendKeys(
    region: CachedRegion,
    body: Parameters<TxnClient['sender']['send']>[1],
    backoff: Backoffer,
  ): Wait<boolean> {
    return (yield* this.client.sender.send(region, body, backoff)) !== undefined;
  }

  /** Trouble in the background is nobody's business: readers resolve what is left. */
  private inBackground(body: Wait<void>): void {
    this.client.process.spawn(body, (error) => {
      if (error !== undefined && !(error instanceof SqlError)) throw error;
    });
  }
}

/** Any other error than a lock ends the transaction. */
function lockOf(error: KeyError): Lock {
  if (error.kind !== 'KeyIsLocked') throw sqlErrorOf(error);
  return error.lock;
}
