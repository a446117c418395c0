/**
 * Requests of the transactional key-value service, and what can be wrong with one key. Names are
 * kvproto's (`kvrpcpb`). All timestamps are those of `timestamp.ts`; TTLs are milliseconds.
 */
import type { Key, Stored } from '../key.ts';
import type { Lock } from './records.ts';

/** What a transaction wants of one key. `insert` is a put that must find the key absent. */
export type MutationOp = 'put' | 'delete' | 'lock' | 'insert' | 'check-not-exists';

/** One key of a prewrite. */
export interface Mutation {
  readonly op: MutationOp;
  readonly key: Key;
  /** Row values of a put or insert. */
  readonly value: readonly Stored[] | null;
  /** The key must hold this transaction's pessimistic lock (`DoPessimisticCheck`). */
  readonly pessimisticLock: boolean;
}

/** First phase, for the keys of one region. */
export interface PrewriteRequest {
  readonly kind: 'prewrite';
  readonly mutations: readonly Mutation[];
  readonly primary: Key;
  readonly startTs: number;
  /** 0 in optimistic transactions. */
  readonly forUpdateTs: number;
  readonly ttlMs: number;
  readonly txnSize: number;
  readonly minCommitTs: number;
  /**
   * Async commit: all other keys of the transaction with the primary's region, an empty list
   * elsewhere; undefined for classic two-phase commit.
   */
  readonly secondaries?: readonly Key[] | undefined;
  /** The request holds the whole transaction: commit it at once (`try_one_pc`). */
  readonly tryOnePc?: boolean;
  /**
   * Async commit and 1PC: if the store would have to go above this, it falls back to two phases. 0
   * or undefined is no bound.
   */
  readonly maxCommitTs?: number;
  /** The client may have sent this before (`is_retry_request`). */
  readonly isRetry: boolean;
}

/** Second phase. */
export interface CommitRequest {
  readonly kind: 'commit';
  readonly keys: readonly Key[];
  readonly startTs: number;
  readonly commitTs: number;
}

/** Pessimistic locks for the keys of one region. */
export interface PessimisticLockRequest {
  readonly kind: 'pessimistic-lock';
  readonly keys: readonly Key[];
  readonly primary: Key;
  readonly startTs: number;
  readonly forUpdateTs: number;
  readonly ttlMs: number;
  readonly isFirstLock: boolean;
  /** Milliseconds to wait for another's lock; 0 = answer at once. */
  readonly waitTimeoutMs: number;
  /** The keys must be absent (INSERT's uniqueness check). Parallel to `keys`. */
  readonly shouldNotExist: readonly boolean[];
  readonly returnValues: boolean;
  /**
   * The statement failed with WriteConflict before and is executed again; read by a mutant only.
   */
  readonly retry?: boolean;
}

/** Undoes pessimistic locks with `forUpdateTs` at most the one given. Writes no record. */
export interface PessimisticRollbackRequest {
  readonly kind: 'pessimistic-rollback';
  readonly keys: readonly Key[];
  readonly startTs: number;
  readonly forUpdateTs: number;
}

/** Rolls keys of one transaction back and leaves rollback records. */
export interface BatchRollbackRequest {
  readonly kind: 'batch-rollback';
  readonly keys: readonly Key[];
  readonly startTs: number;
}

/** Keeps the primary lock alive. */
export interface TxnHeartBeatRequest {
  readonly kind: 'txn-heart-beat';
  readonly primary: Key;
  readonly startTs: number;
  readonly adviseTtlMs: number;
}

/** Asks the primary what became of a transaction, and decides it if its time is up. */
export interface CheckTxnStatusRequest {
  readonly kind: 'check-txn-status';
  readonly primary: Key;
  readonly lockTs: number;
  readonly callerStartTs: number;
  readonly currentTs: number;
  readonly rollbackIfNotExist: boolean;
  readonly forceSyncCommit: boolean;
  readonly resolvingPessimisticLock: boolean;
}

/**
 * Commits (`commitTs` > 0) or rolls back what one transaction left: named keys, or a whole region.
 */
export interface ResolveLockRequest {
  readonly kind: 'resolve-lock';
  readonly startTs: number;
  readonly commitTs: number;
  /** The lite form names keys; undefined scans the region's locks. */
  readonly keys?: readonly Key[];
}

/** Asks some keys of an async commit for their locks, and bars those that have none. */
export interface CheckSecondaryLocksRequest {
  readonly kind: 'check-secondary-locks';
  readonly keys: readonly Key[];
  readonly startTs: number;
  /**
   * When the primary was found to be expired. Not in kvproto: the store's max_ts moves there, so
   * that a prewrite which comes after all is known to be late.
   */
  readonly currentTs: number;
}

/** What can be wrong with a key. Names are kvproto's `KeyError`. */
export type KeyError =
  | { readonly kind: 'KeyIsLocked'; readonly lock: Lock }
  | {
      readonly kind: 'WriteConflict';
      readonly key: Key;
      readonly startTs: number;
      readonly conflictStartTs: number;
      readonly conflictCommitTs: number;
      readonly reason: 'Optimistic' | 'PessimisticRetry' | 'SelfRolledBack';
    }
  | { readonly kind: 'AlreadyExist'; readonly key: Key }
  | { readonly kind: 'PessimisticLockNotFound'; readonly key: Key; readonly startTs: number }
  | { readonly kind: 'PessimisticLockRolledBack'; readonly key: Key; readonly startTs: number }
  | { readonly kind: 'LockTypeNotMatch'; readonly key: Key; readonly startTs: number }
  | { readonly kind: 'TxnLockNotFound'; readonly key: Key; readonly startTs: number }
  | { readonly kind: 'TxnNotFound'; readonly primary: Key; readonly startTs: number }
  /** A rollback came too late. Source: TiKV `MvccError::Committed`. */
  | {
      readonly kind: 'Committed';
      readonly key: Key;
      readonly startTs: number;
      readonly commitTs: number;
    }
  | { readonly kind: 'CommitTsExpired'; readonly key: Key; readonly minCommitTs: number }
  | { readonly kind: 'PrimaryMismatch'; readonly lock: Lock }
  | {
      readonly kind: 'Deadlock';
      readonly key: Key;
      readonly lockTs: number;
      /** Encoding of the key that another transaction of the circle wants of this one. */
      readonly deadlockKey: string;
    };

/**
 * Answer to CheckTxnStatus. `lockTtlMs` > 0: alive. `commitTs` > 0: committed. Else rolled back.
 */
export interface TxnStatus {
  readonly lockTtlMs: number;
  readonly commitTs: number;
  readonly action:
    | 'NoAction'
    | 'TTLExpireRollback'
    | 'TTLExpirePessimisticRollback'
    | 'LockNotExistRollback'
    | 'LockNotExistDoNothing'
    | 'MinCommitTSPushed';
  /** The primary's lock while it stands; the client needs `secondaries` of an async commit. */
  readonly lock?: Lock;
}

/**
 * Answer to CheckSecondaryLocks: either all keys are locked, and these are the locks; or one of
 * them tells the fate of the transaction.
 */
export type SecondaryLocksStatus =
  | { readonly kind: 'locked'; readonly locks: readonly Lock[] }
  | { readonly kind: 'committed'; readonly commitTs: number }
  | { readonly kind: 'rolled-back' };

/** Value read with a pessimistic lock: undefined where the key does not exist. */
export type LockedValue = readonly Stored[] | undefined;
