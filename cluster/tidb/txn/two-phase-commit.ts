import { ConnectionLost, SqlError } from '../../errors.ts';
import type { Key } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import { type Backoffer, BUDGET_MS } from './backoff.ts';
import type { TxnClient } from './client.ts';
import { sqlErrorOf } from './key-error.ts';
import { type CommitPlan, Prewriter } from './prewriter.ts';
import type { CachedRegion } from './region-cache.ts';

/**
 * Commits a transaction. Prewrite locks every key; in classic two-phase commit, committing the
 * primary decides, the secondaries follow in the background, and whoever meets one before that asks
 * the primary. An async commit is decided when its last key is prewritten, and all keys follow; a
 * one-phase commit is done by then.
 *
 * If the answer to the request that decides is lost, the transaction may or may not be decided:
 * that is remembered until some later answer settles it, and if none comes the result is
 * *undetermined*. The caller must then close the connection instead of naming an outcome. Source:
 * Percolator §2.2; client-go `transaction/2pc.go`, `commit.go`.
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
    const prewriter = new Prewriter(this.client, this.plan);
    let commitTs: number;
    try {
      const prewritten = yield* prewriter.run();
      if (prewritten.kind === 'one-phase') return;
      if (prewritten.kind === 'async') {
        this.commitInBackground(this.lockedKeys(), prewritten.commitTs);
        return;
      }
      if (!this.plan.writes) return;
      commitTs = yield* this.client.pd.timestamp();
    } catch (error) {
      if (prewriter.isUndetermined && this.concludeUndetermined()) return;
      this.cleanUp();
      throw error;
    }
    yield* this.commitPrimary(commitTs);
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
    const { encoded } = primary;
    const secondaries = this.lockedKeys().filter((key) => key.encoded !== encoded);
    this.commitInBackground(secondaries, commitTs);
  }

  /**
   * Nobody knows whether the transaction was committed. The rule is to close the connection; two
   * seeded defects name an outcome instead. Returns true where the transaction is called committed.
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

  /** The keys that carry a lock by now. */
  private lockedKeys(): Key[] {
    const keys: Key[] = [];
    for (const { key, op } of this.plan.mutations) if (op !== 'check-not-exists') keys.push(key);
    return keys;
  }

  private commitInBackground(keys: readonly Key[], commitTs: number): void {
    if (keys.length === 0) return;
    const { startTs } = this.plan;
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
