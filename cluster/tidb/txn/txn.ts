import { SqlError } from '../../errors.ts';
import type { Key, Stored } from '../../key.ts';
import type { KeyError, Mutation, PessimisticLockRequest } from '../../mvcc/request.ts';
import { sleep, type Wait } from '../../sim/index.ts';
import { SelectResult } from '../copr/index.ts';
import {
  type CommitProtocols,
  LockConflict,
  type LockOptions,
  type ReplicaRead,
  type ScanCursor,
  type ScanSpec,
  type Transaction,
} from '../transaction.ts';
import { type Backoffer, BUDGET_MS } from './backoff.ts';
import type { TxnClient } from './client.ts';
import { TWO_PHASE } from './commit-protocol.ts';
import { sqlErrorOf } from './key-error.ts';
import { TxnMemBuffer } from './mem-buffer.ts';
import type { CachedRegion } from './region-cache.ts';
import { snapshotBatchGet, snapshotGet } from './snapshot.ts';
import { MANAGED_TTL_MS, type Managed, type TtlManager } from './ttl-manager.ts';
import { TwoPhaseCommit } from './two-phase-commit.ts';

/**
 * A store lets a lock request wait at most this long before it answers (`wait-for-lock-timeout`).
 */
const STORE_WAIT_MS = 1000;
/** Between giving way in a deadlock and trying again, µs. */
const DEADLOCK_PAUSE_US = 5000;
/** TTL of an optimistic transaction's locks, ms. */
const OPTIMISTIC_TTL_MS = 3000;

type Values = readonly (readonly Stored[] | undefined)[];

/** One transaction; see `transaction.ts` for the contract and `index.ts` for its life. */
export class Txn implements Transaction {
  readonly startTs: number;
  readonly pessimistic: boolean;
  readonly buffer = new TxnMemBuffer();
  replicaRead: ReplicaRead = 'leader';
  private readonly client: TxnClient;
  private readonly ttl: TtlManager;
  private readonly beganUs: number;
  /** Keys surely locked (or, optimistic, to be locked at commit), in order. */
  private readonly locked = new Map<string, Key>();
  /** Keys that may be locked, because an answer was lost. None of them is in `locked`. */
  private readonly uncertain = new Map<string, Key>();
  private primary: Key | undefined = undefined;
  private managed: Managed | undefined = undefined;
  private forUpdateTs = 0;
  private ended = false;

  constructor(client: TxnClient, ttl: TtlManager, startTs: number, pessimistic: boolean) {
    this.client = client;
    this.ttl = ttl;
    this.startTs = startTs;
    this.pessimistic = pessimistic;
    this.beganUs = client.process.world.nowUs;
  }

  get dirty(): boolean {
    return this.locked.size > 0 || this.buffer.size > 0;
  }

  get lockCount(): number {
    return this.locked.size;
  }

  fetchForUpdateTs(): Wait<number> {
    return this.client.pd.timestamp();
  }

  get(key: Key, readTs: number): Wait<readonly Stored[] | undefined> {
    return snapshotGet(this.client, key, readTs, this.replicaAt(readTs));
  }

  batchGet(keys: readonly Key[], readTs: number): Wait<Values> {
    return snapshotBatchGet(this.client, keys, readTs, this.replicaAt(readTs));
  }

  scan(spec: ScanSpec): ScanCursor {
    return new SelectResult(this.client, spec, this.replicaAt(spec.readTs));
  }

  private replicaAt(readTs: number): ReplicaRead {
    return readTs === this.startTs ? this.replicaRead : 'leader';
  }

  *lockKeys(keys: readonly Key[], options: LockOptions): Wait<Values> {
    if (!this.pessimistic) {
      for (const key of keys) this.locked.set(key.encoded, key);
      return [];
    }
    if (this.managed?.timedOut === true) {
      throw new SqlError(
        8229,
        'TTL manager has timed out, pessimistic locks may expire, please commit or rollback this ' +
          'transaction',
      );
    }
    this.forUpdateTs = Math.max(this.forUpdateTs, options.forUpdateTs);
    const wanted = options.returnValues ? keys : keys.filter((key) => !this.holds(key));
    if (wanted.length === 0) return [];
    const lock = new LockCall(this.client, options, wanted);
    const work = (region: CachedRegion, some: readonly Key[]): Wait<boolean> =>
      this.lockRegion(region, some, lock);
    const before = this.locked.size;
    try {
      for (const part of this.primaryFirst(wanted)) {
        yield* this.client.sender.onRegions(part, work);
      }
    } catch (error) {
      if (lock.mayRetryDeadlock) yield* this.letOthersGo(before);
      throw error;
    } finally {
      if (this.locked.size === 0) this.forgetPrimary();
    }
    return lock.values === undefined ? [] : keys.map((key) => lock.values?.get(key.encoded));
  }

  releaseLocksSince(lockCount: number): void {
    if (!this.pessimistic) return;
    const keys = [...this.locked.values()].slice(lockCount);
    for (const key of keys) this.locked.delete(key.encoded);
    this.release([...keys, ...this.uncertain.values()]);
    this.uncertain.clear();
    if (this.locked.size === 0) this.forgetPrimary();
  }

  *commit(protocols: CommitProtocols = TWO_PHASE): Wait<void> {
    this.ended = true;
    const mutations = this.mutations();
    this.release([...this.uncertain.values()]);
    const [anyone] = mutations;
    if (anyone === undefined) {
      this.client.running.delete(this.startTs);
      return;
    }
    const written = mutations.find(({ op }) => op !== 'check-not-exists');
    try {
      yield* new TwoPhaseCommit(this.client, {
        startTs: this.startTs,
        forUpdateTs: this.pessimistic ? Math.max(this.forUpdateTs, this.startTs) : 0,
        primary: this.primary ?? (written ?? anyone).key,
        mutations,
        writes: written !== undefined,
        beganUs: this.beganUs,
        lifeMs: this.pessimistic ? MANAGED_TTL_MS : OPTIMISTIC_TTL_MS,
        protocols,
      }).run();
    } finally {
      this.forgetPrimary();
      this.client.running.delete(this.startTs);
    }
  }

  rollback(): void {
    if (this.ended) return;
    this.ended = true;
    this.client.running.delete(this.startTs);
    if (this.pessimistic) this.release([...this.locked.values(), ...this.uncertain.values()]);
    this.forgetPrimary();
  }

  holds(key: Key): boolean {
    return this.locked.has(key.encoded);
  }

  /**
   * Keys in the order of locking. A lock that names a primary which is not locked yet would look
   * like the leftover of a dead transaction, so the first call locks the primary, its smallest key,
   * before anything else.
   */
  private primaryFirst(keys: readonly Key[]): readonly (readonly Key[])[] {
    if (this.primary !== undefined) return [keys];
    const smallest = keys.reduce((a, b) => (b.encoded < a.encoded ? b : a));
    this.primary = smallest;
    this.managed = this.ttl.start(this.startTs, smallest);
    const rest = keys.filter((key) => key.encoded !== smallest.encoded);
    return rest.length === 0 ? [[smallest]] : [[smallest], rest];
  }

  /** A deadlock over keys of one call: they are given back before the statement is run again. */
  private *letOthersGo(lockCount: number): Wait<void> {
    this.releaseLocksSince(lockCount);
    yield* sleep(this.client.process, DEADLOCK_PAUSE_US);
  }

  private *lockRegion(region: CachedRegion, keys: readonly Key[], lock: LockCall): Wait<boolean> {
    const onRpcError = (): void => {
      for (const key of keys) if (!this.holds(key)) this.uncertain.set(key.encoded, key);
    };
    for (;;) {
      // A session that was closed has given its locks back; nobody would keep another one alive.
      if (this.ended) throw new SqlError(1317, 'Query execution was interrupted');
      const request = this.lockRequest(keys, lock);
      const reply = yield* this.client.sender.send(region, request, lock.backoff, onRpcError);
      if (reply === undefined) return false;
      const [error] = reply.errors;
      if (error === undefined) {
        for (let i = 0; i < keys.length; i++) {
          const key = keys[i] as Key;
          this.locked.set(key.encoded, key);
          this.uncertain.delete(key.encoded);
          lock.values?.set(key.encoded, reply.values[i]);
        }
        return true;
      }
      yield* lock.onError(error, this.startTs);
    }
  }

  private lockRequest(keys: readonly Key[], lock: LockCall): PessimisticLockRequest {
    const { options } = lock;
    return {
      kind: 'pessimistic-lock',
      keys,
      primary: this.primary as Key,
      startTs: this.startTs,
      forUpdateTs: options.forUpdateTs,
      ttlMs: this.ttlMs(),
      isFirstLock: this.locked.size === 0 && keys.length === 1,
      waitTimeoutMs: Math.min(STORE_WAIT_MS, Math.ceil(lock.leftUs() / 1000)),
      shouldNotExist: keys.map((key) => this.buffer.get(key)?.presumeNotExists === true),
      returnValues: options.returnValues,
      retry: options.retry,
    };
  }

  private mutations(): Mutation[] {
    const mutations: Mutation[] = [];
    for (const { key, values, presumeNotExists } of this.buffer.all()) {
      const held = this.pessimistic && this.holds(key);
      const unchecked = values === undefined && this.client.bugs.has('txn.lazyCheckInconsistent');
      const op = opOf(values, presumeNotExists && !held && !unchecked);
      mutations.push({ op, key, value: values ?? null, pessimisticLock: held });
    }
    for (const key of this.locked.values()) {
      if (this.buffer.get(key) !== undefined) continue;
      mutations.push({ op: 'lock', key, value: null, pessimisticLock: this.pessimistic });
    }
    return mutations.sort((a, b) => (a.key.encoded < b.key.encoded ? -1 : 1));
  }

  /** Gives pessimistic locks back in the background; what that misses expires. */
  private release(keys: readonly Key[]): void {
    if (keys.length === 0) return;
    const { client, startTs, forUpdateTs } = this;
    const backoff = client.backoff(BUDGET_MS.rollback);
    function* work(region: CachedRegion, some: readonly Key[]): Wait<boolean> {
      const body = { kind: 'pessimistic-rollback' as const, keys: some, startTs, forUpdateTs };
      return (yield* client.sender.send(region, body, backoff)) !== undefined;
    }
    client.process.spawn(client.sender.onRegions(keys, work), (error) => {
      if (error !== undefined && !(error instanceof SqlError)) throw error;
    });
  }

  private forgetPrimary(): void {
    if (this.managed !== undefined) this.ttl.stop(this.managed);
    this.managed = undefined;
    this.primary = undefined;
  }

  private ttlMs(): number {
    return this.elapsedMs() + MANAGED_TTL_MS;
  }

  private elapsedMs(): number {
    return Math.floor((this.client.process.world.nowUs - this.beganUs) / 1000);
  }
}

function opOf(values: readonly Stored[] | undefined, mustBeAbsent: boolean): Mutation['op'] {
  if (values !== undefined) return mustBeAbsent ? 'insert' : 'put';
  return mustBeAbsent ? 'check-not-exists' : 'delete';
}

/** One statement's wish for locks: its patience, and what it does about each kind of refusal. */
class LockCall {
  readonly options: LockOptions;
  readonly backoff: Backoffer;
  /** What the keys hold, if that was asked for. */
  readonly values: Map<string, readonly Stored[] | undefined> | undefined;
  /** It ended in a deadlock that this call alone can break, by being made again. */
  mayRetryDeadlock = false;
  private readonly client: TxnClient;
  private readonly keys: readonly Key[];
  private readonly deadlineUs: number;

  constructor(client: TxnClient, options: LockOptions, keys: readonly Key[]) {
    this.client = client;
    this.options = options;
    this.keys = keys;
    this.values = options.returnValues ? new Map() : undefined;
    this.backoff = client.backoff(BUDGET_MS.lock);
    this.deadlineUs = client.process.world.nowUs + options.waitUs;
  }

  /** Patience left, µs. */
  leftUs(): number {
    return Math.max(0, this.deadlineUs - this.client.process.world.nowUs);
  }

  /** Returns if the request may be sent again; throws otherwise. */
  *onError(error: KeyError, startTs: number): Wait<void> {
    if (error.kind === 'WriteConflict') throw new LockConflict(error.conflictCommitTs);
    if (error.kind === 'Deadlock' && this.keys.some((key) => key.encoded === error.deadlockKey)) {
      this.mayRetryDeadlock = true;
      throw new LockConflict(0);
    }
    if (error.kind !== 'KeyIsLocked') throw sqlErrorOf(error);
    const { alive } = yield* this.client.resolver.resolve([error.lock], startTs);
    const interruption = this.options.interruption?.error;
    if (interruption !== undefined) throw interruption;
    if (!alive || this.leftUs() > 0) return;
    if (this.options.waitUs > 0) throw sqlErrorOf(error);
    throw new SqlError(
      3572,
      'Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.',
    );
  }
}
