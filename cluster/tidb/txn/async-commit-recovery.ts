import { SqlError } from '../../errors.ts';
import type { Key } from '../../key.ts';
import type { Lock } from '../../mvcc/records.ts';
import type { SecondaryLocksStatus } from '../../mvcc/request.ts';
import type { Wait } from '../../sim/index.ts';
import { type Backoffer, BUDGET_MS } from './backoff.ts';
import type { CachedRegion } from './region-cache.ts';
import type { ResolverClient } from './resolver-client.ts';

/** What became of an async commit: `commitTs` 0 is rolled back. */
export type Recovered =
  | { readonly kind: 'decided'; readonly commitTs: number }
  /** A lock says that its transaction fell back to two phases: the primary alone decides. */
  | { readonly kind: 'not-async' };

/**
 * Finds out what became of an async commit whose client seems to be gone, and finishes its work.
 * The primary's lock names all other keys. If every one is locked, the transaction is committed at
 * the greatest of their timestamps; asking for a lock that is not there makes sure that it never
 * will be, and the transaction is rolled back. Whoever asks comes to the same answer. Source:
 * client-go `txnlock/lock_resolver.go` (`resolveAsyncCommitLock`).
 */
export class AsyncCommitRecovery {
  private readonly client: ResolverClient;
  private readonly primary: Lock;
  private readonly currentTs: number;
  private readonly backoff: Backoffer;
  /** As far as known: the greatest min_commit_ts, or the outcome some key told. */
  private commitTs: number;
  private isSettled = false;
  private isAsync = true;

  constructor(client: ResolverClient, primary: Lock, currentTs: number) {
    this.client = client;
    this.primary = primary;
    this.currentTs = currentTs;
    this.commitTs = primary.minCommitTs;
    this.backoff = client.backoff(BUDGET_MS.asyncResolve);
  }

  /** Decides, and resolves all locks if it could be decided. */
  *run(): Wait<Recovered> {
    const { sender } = this.client;
    const { secondaries = [], key } = this.primary;
    yield* sender.onRegions(secondaries, (region, keys) => this.check(region, keys));
    if (!this.isAsync) return { kind: 'not-async' };
    yield* sender.onRegions([key, ...secondaries], (region, keys) => this.resolve(region, keys));
    return { kind: 'decided', commitTs: this.commitTs };
  }

  private *check(region: CachedRegion, keys: readonly Key[]): Wait<boolean> {
    const { startTs } = this.primary;
    const { currentTs } = this;
    const body = { kind: 'check-secondary-locks' as const, keys, startTs, currentTs };
    const reply = yield* this.client.sender.send(region, body, this.backoff);
    if (reply === undefined) return false;
    this.note(reply.status);
    return true;
  }

  private note(status: SecondaryLocksStatus): void {
    if (status.kind !== 'locked') {
      this.settle(status.kind === 'committed' ? status.commitTs : 0);
      return;
    }
    for (const lock of status.locks) {
      if (lock.secondaries === undefined) this.isAsync = false;
      else if (!this.isSettled) this.commitTs = Math.max(this.commitTs, lock.minCommitTs);
    }
  }

  /** A key has told the outcome. If another one tells a different one, atomicity is broken. */
  private settle(commitTs: number): void {
    const tooEarly = commitTs > 0 && commitTs < this.primary.minCommitTs;
    if (tooEarly || (this.isSettled && commitTs !== this.commitTs)) {
      throw new SqlError(
        1105,
        `commit TS mismatch in async commit recovery: ${this.commitTs} and ${commitTs}`,
      );
    }
    this.commitTs = commitTs;
    this.isSettled = true;
  }

  private *resolve(region: CachedRegion, keys: readonly Key[]): Wait<boolean> {
    const { startTs } = this.primary;
    const body = { kind: 'resolve-lock' as const, startTs, commitTs: this.commitTs, keys };
    return (yield* this.client.sender.send(region, body, this.backoff)) !== undefined;
  }
}
