import type { Key } from '../../key.ts';
import type { Lock } from '../../mvcc/records.ts';
import type { KeyError, Mutation, PrewriteRequest } from '../../mvcc/request.ts';
import type { Wait } from '../../sim/index.ts';
import type { PrewriteReply } from '../../tikv/request.ts';
import type { CommitProtocols } from '../transaction.ts';
import { type Backoffer, BUDGET_MS } from './backoff.ts';
import type { TxnClient } from './client.ts';
import {
  allowsAsyncCommit,
  fitsOneBatch,
  leastTtlMs,
  maxCommitTs,
  secondariesOf,
} from './commit-protocol.ts';
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
  /** False if all mutations are checks for absence: there is nothing to commit then. */
  readonly writes: boolean;
  /** When the transaction began, µs on the world's clock. */
  readonly beganUs: number;
  /** How long the locks live from now on, ms. */
  readonly lifeMs: number;
  readonly protocols: CommitProtocols;
}

/** What a prewrite without errors has led to. */
export type Prewritten =
  /** Every key is locked; the commit of the primary decides. */
  | { readonly kind: 'two-phase' }
  /** Every key is locked, and that was the decision. */
  | { readonly kind: 'async'; readonly commitTs: number }
  /** Committed, nothing is left to do. */
  | { readonly kind: 'one-phase' };

interface Item {
  readonly encoded: string;
  readonly mutation: Mutation;
}

/** The window of the seeded defect, ms. */
const REMISS_WINDOW_MS = 3_600_000;

/**
 * The first phase. As long as the keys allow it, the stores are asked to calculate the commit
 * timestamp (async commit), and to commit at once if one region has all keys (1PC). A store may
 * decline; then the transaction goes on in two phases. Source: client-go `transaction/prewrite.go`,
 * `2pc.go`.
 */
export class Prewriter {
  private readonly client: TxnClient;
  private readonly plan: CommitPlan;
  private readonly backoff: Backoffer;
  private async: boolean;
  private onePc: boolean;
  private onePcCommitTs = 0;
  private minCommitTs: number;
  private maxCommitTs = 0;
  private ttlMs = 0;
  /** Keys sent more than once; made when the first one is. */
  private resent: Set<string> | undefined = undefined;
  /** Keys of async commits and 1PC whose answer was lost and has not come since. */
  private unanswered: Set<string> | undefined = undefined;
  /** A store has answered that it will not calculate. */
  private declined = false;

  constructor(client: TxnClient, plan: CommitPlan) {
    this.client = client;
    this.plan = plan;
    this.backoff = client.backoff(BUDGET_MS.prewrite);
    this.backoff.interruption = plan.protocols.interruption;
    const { protocols, mutations } = plan;
    this.async = plan.writes && protocols.asyncCommit && allowsAsyncCommit(mutations);
    this.onePc = plan.writes && protocols.onePc && fitsOneBatch(mutations);
    this.minCommitTs = Math.max(plan.startTs, plan.forUpdateTs) + 1;
  }

  /**
   * After an error: the transaction may nevertheless be committed, now or later. A prewrite without
   * an answer may have been the last that was missing.
   */
  get isUndetermined(): boolean {
    return this.unanswered !== undefined && this.unanswered.size > 0;
  }

  /** Prewrites every key. Throws `SqlError`; see {@link isUndetermined}. */
  *run(): Wait<Prewritten> {
    if (this.async || this.onePc) yield* this.openWindow();
    const elapsedMs = this.elapsedMs();
    this.ttlMs = elapsedMs + this.plan.lifeMs;
    if (this.async && !this.isRemiss()) this.ttlMs = Math.max(this.ttlMs, leastTtlMs(elapsedMs));
    const items = this.plan.mutations.map((mutation) => ({
      encoded: mutation.key.encoded,
      mutation,
    }));
    yield* this.client.sender.onRegions(items, (region, some) => this.prewrite(region, some));
    if (this.onePcCommitTs > 0) return { kind: 'one-phase' };
    return this.async ? { kind: 'async', commitTs: this.minCommitTs } : { kind: 'two-phase' };
  }

  /**
   * A calculated timestamp must be greater than every one that anybody was given before the commit
   * began, or a transaction that comes later in real time could be ordered before this one.
   */
  private *openWindow(): Wait<void> {
    const { client, plan } = this;
    if (!client.bugs.has('txn.asyncNotLinearizable')) {
      const latest = yield* client.pd.timestamp();
      this.minCommitTs = Math.max(this.minCommitTs, latest + 1);
    }
    const extraMs = this.isRemiss() ? REMISS_WINDOW_MS : 0;
    this.maxCommitTs = maxCommitTs(plan.startTs, this.elapsedMs() + extraMs);
  }

  private isRemiss(): boolean {
    return this.client.bugs.has('txn.asyncCommittedButRolledBack');
  }

  private elapsedMs(): number {
    return Math.floor((this.client.process.world.nowUs - this.plan.beganUs) / 1000);
  }

  private *prewrite(region: CachedRegion, items: readonly Item[]): Wait<boolean> {
    // The keys of a transaction that was to be committed at once may lie in two regions by now.
    if (this.onePc && items.length < this.plan.mutations.length) this.onePc = false;
    let isRetry = this.resent?.has((items[0] as Item).encoded) === true;
    for (;;) {
      const request = this.requestFor(items, isRetry);
      const calculates = request.tryOnePc === true || request.secondaries !== undefined;
      const onRpcError = calculates ? (): void => this.noteUnanswered(items) : undefined;
      const reply = yield* this.client.sender.send(region, request, this.backoff, onRpcError);
      if (reply === undefined) {
        this.resent ??= new Set();
        for (const { encoded } of items) this.resent.add(encoded);
        return false;
      }
      if (reply.errors.length === 0) {
        this.noteAnswer(items, request, reply);
        return true;
      }
      const locks = reply.errors.map(lockOf);
      const resolution = yield* this.client.resolver.resolve(locks, this.plan.startTs);
      if (resolution.alive) yield* this.backoff.wait('txnLock');
      isRetry = true;
    }
  }

  private requestFor(items: readonly Item[], isRetry: boolean): PrewriteRequest {
    const { startTs, forUpdateTs, primary, mutations } = this.plan;
    const hasPrimary = items.some(({ encoded }) => encoded === primary.encoded);
    return {
      kind: 'prewrite',
      mutations: items.map(({ mutation }) => mutation),
      primary,
      startTs,
      forUpdateTs,
      ttlMs: this.ttlMs,
      txnSize: mutations.length,
      minCommitTs: this.minCommitTs,
      secondaries: this.async ? (hasPrimary ? secondariesOf(mutations, primary) : []) : undefined,
      tryOnePc: this.onePc,
      maxCommitTs: this.maxCommitTs,
      isRetry,
    };
  }

  private noteUnanswered(items: readonly Item[]): void {
    if (this.declined) return;
    this.unanswered ??= new Set();
    for (const { encoded } of items) this.unanswered.add(encoded);
  }

  private noteAnswer(items: readonly Item[], request: PrewriteRequest, reply: PrewriteReply): void {
    if (this.unanswered !== undefined) {
      for (const { encoded } of items) this.unanswered.delete(encoded);
    }
    if (request.tryOnePc === true && reply.onePcCommitTs > 0) {
      this.onePcCommitTs = reply.onePcCommitTs;
    } else if (reply.minCommitTs > 0) {
      this.minCommitTs = Math.max(this.minCommitTs, reply.minCommitTs);
    } else if (this.async || this.onePc) this.fallBack();
  }

  /**
   * A store declined, and its locks say so to whoever asks: from here on nothing but the commit of
   * the primary can decide.
   */
  private fallBack(): void {
    this.async = false;
    this.onePc = false;
    this.declined = true;
    this.unanswered = undefined;
  }
}

/** Any other error than a lock ends the transaction. */
function lockOf(error: KeyError): Lock {
  if (error.kind !== 'KeyIsLocked') throw sqlErrorOf(error);
  return error.lock;
}
