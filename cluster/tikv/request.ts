/**
 * The wire between TiDB and TiKV. Every request names the region and the epoch it was meant for; a
 * store that sees otherwise answers with a region error and does nothing. Names are kvproto's
 * (`kvrpcpb`, `errorpb`, `coprocessor`).
 */
import type { Column } from '../column.ts';
import type { Key, KeySpace, Stored } from '../key.ts';
import type { Lock } from '../mvcc/records.ts';
import type {
  BatchRollbackRequest,
  CheckSecondaryLocksRequest,
  CheckTxnStatusRequest,
  CommitRequest,
  KeyError,
  LockedValue,
  PessimisticLockRequest,
  PessimisticRollbackRequest,
  PrewriteRequest,
  ResolveLockRequest,
  SecondaryLocksStatus,
  TxnHeartBeatRequest,
  TxnStatus,
} from '../mvcc/request.ts';
import type { SortedRun } from './columns/sorted-run.ts';
import type { CopProgram, CopSummary, CopWarning } from './cop-program.ts';

/** Version counts splits and merges, confVer changes of membership. */
export interface RegionEpoch {
  readonly confVer: number;
  readonly version: number;
}

/** What a replica may do. The last two exist only while a joint change is under way. */
export type PeerRole = 'voter' | 'learner' | 'incoming-voter' | 'demoting-voter';

/** A replica of a region on a store. */
export interface PeerInfo {
  readonly id: number;
  /** Node number of the store. */
  readonly store: number;
  readonly role: PeerRole;
}

/** A key range `[startKey, endKey)` of encodings and who keeps it. `endKey` '' is the end. */
export interface RegionInfo {
  readonly id: number;
  readonly startKey: string;
  readonly endKey: string;
  readonly epoch: RegionEpoch;
  readonly peers: readonly PeerInfo[];
}

/** Point read of one key. */
export interface GetRequest {
  readonly kind: 'get';
  readonly key: Key;
  readonly readTs: number;
  /** Start timestamps of transactions known to have committed later or to be rolled back. */
  readonly bypass: readonly number[];
}

/** Point reads of several keys of one region. */
export interface BatchGetRequest {
  readonly kind: 'batch-get';
  readonly keys: readonly Key[];
  readonly readTs: number;
  readonly bypass: readonly number[];
}

/** A half-open range of encodings within one key space. */
export interface KeyRange {
  readonly space: KeySpace;
  readonly start: string;
  readonly end: string;
}

/**
 * A coprocessor task: visible rows of some ranges of one space, as columns, or what is made of
 * them.
 */
export interface CopRequest {
  readonly kind: 'cop';
  /** Ascending, within the region. */
  readonly ranges: readonly KeyRange[];
  readonly readTs: number;
  readonly bypass: readonly number[];
  /** Which columns to return: indices into key values followed by stored values. */
  readonly columns: readonly number[];
  readonly descending: boolean;
  /** Stop after so many visible rows; undefined = all. */
  readonly limit: number | undefined;
  /** What is made of the rows; without one they are the result. */
  readonly program?: CopProgram | undefined;
  /** Answer once the result has so many rows, and say where to go on; without one, never. */
  readonly pageSize?: number | undefined;
}

/** Splits a region at keys; every key begins a region of its own afterwards. */
export interface SplitRegionRequest {
  readonly kind: 'split-region';
  readonly keys: readonly string[];
}

/**
 * A follower asks its leader how far it must have applied the log to serve a read. Names what is to
 * be read, because the leader may know of locks that are on their way.
 */
export interface ReadIndexRequest {
  readonly kind: 'read-index';
  readonly readTs: number;
  readonly bypass: readonly number[];
  readonly keys: readonly Key[];
  readonly ranges: readonly KeyRange[];
}

/** Locks of transactions that began at or before `maxVersion`, in key order (KvScanLock). */
export interface ScanLockRequest {
  readonly kind: 'scan-lock';
  readonly maxVersion: number;
  /** Where to begin within the region. */
  readonly startKey: string;
  readonly limit: number;
}

/** Drops what no reader at or after `safePoint` needs, in the whole region (KvGC). */
export interface GcRequest {
  readonly kind: 'gc';
  readonly safePoint: number;
}

/** Makes records that were sorted elsewhere the region's own (import_sstpb `MultiIngest`). */
export interface IngestRequest {
  readonly kind: 'ingest';
  /** Within the region, which must have no records of the space yet. */
  readonly run: SortedRun;
}

/** Every request a store answers. */
export type KvRequestBody =
  | SplitRegionRequest
  | ScanLockRequest
  | GcRequest
  | IngestRequest
  | ReadIndexRequest
  | GetRequest
  | BatchGetRequest
  | CopRequest
  | PrewriteRequest
  | CommitRequest
  | PessimisticLockRequest
  | PessimisticRollbackRequest
  | BatchRollbackRequest
  | TxnHeartBeatRequest
  | CheckTxnStatusRequest
  | CheckSecondaryLocksRequest
  | ResolveLockRequest;

/** Envelope of a request. */
export interface KvRequest {
  readonly region: number;
  readonly epoch: RegionEpoch;
  readonly body: KvRequestBody;
  /** A peer that does not lead may answer (get, batch-get and cop only). */
  readonly replicaRead?: boolean;
  /** Any peer may, of what it knows to be all there; same kinds (`stale_read`). */
  readonly staleRead?: boolean;
}

/** Why a store refuses to look at a request. Source: kvproto `errorpb`. */
export type RegionError =
  | { readonly kind: 'NotLeader'; readonly leaderStore: number | undefined }
  | { readonly kind: 'RegionNotFound' }
  | { readonly kind: 'KeyNotInRegion' }
  | { readonly kind: 'EpochNotMatch'; readonly currentRegions: readonly RegionInfo[] }
  | { readonly kind: 'StoreNotMatch' }
  | { readonly kind: 'ServerIsBusy'; readonly reason: string }
  | { readonly kind: 'StaleCommand' }
  /** The leader is new and does not know yet how far its region has been read. */
  | { readonly kind: 'MaxTimestampNotSynced' }
  /** The leader cannot yet, or not at present, prove that it still leads. */
  | { readonly kind: 'ReadIndexNotReady' }
  /** A stale read is younger than what this peer knows to be all there. */
  | { readonly kind: 'DataIsNotReady'; readonly safeTs: number }
  /** The region is about to become part of its neighbour. */
  | { readonly kind: 'ProposalInMergingMode' };

/** Result of a point read: undefined where the key does not exist at that time. */
export interface GetReply {
  readonly kind: 'get';
  readonly value?: readonly Stored[];
  readonly locked?: Lock;
}

/** Values in the order of the request's keys. */
export interface BatchGetReply {
  readonly kind: 'batch-get';
  readonly values: readonly (readonly Stored[] | undefined)[];
  /** Locks met; the keys they cover must be asked again. */
  readonly locked: readonly Lock[];
}

/** Why an expression of a request could not be computed: MySQL's code and text. */
export interface CopError {
  readonly code: number;
  readonly message: string;
}

/**
 * Result of a task. With `locked` set nothing is returned and it must be repeated; with `error` it
 * need not be tried again.
 */
export interface CopReply {
  readonly kind: 'cop';
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly locked?: Lock | undefined;
  readonly error?: CopError | undefined;
  /**
   * A page was full: keys from here on (descending: before this) are still to be read. Without it
   * the task is done.
   */
  readonly resumeAt?: string | undefined;
  readonly warnings?: readonly CopWarning[] | undefined;
  /** One for the scan and one for each executor of the program; only with a program. */
  readonly summaries?: readonly CopSummary[] | undefined;
  /** Visible rows looked at, and records looked at (`processed_versions`, `total_versions`). */
  readonly processedKeys: number;
  readonly totalKeys: number;
  /** Time the store spent and the time the request waited there, µs. */
  readonly processUs: number;
  readonly waitUs: number;
}

/** Answers that carry only key errors; none means done. */
export interface KeyErrorsReply {
  readonly kind: 'commit' | 'pessimistic-rollback' | 'batch-rollback' | 'resolve-lock';
  readonly errors: readonly KeyError[];
}

/** Answer to a prewrite; the timestamps are 0 with errors. */
export interface PrewriteReply {
  readonly kind: 'prewrite';
  readonly errors: readonly KeyError[];
  /** Async commit: the least commit timestamp as far as these keys go; 0 = two phases. */
  readonly minCommitTs: number;
  /** 1PC: where the transaction was committed; 0 = it was not. */
  readonly onePcCommitTs: number;
}

/** Answer to a lock request; `values` only without errors, in the order of the keys. */
export interface PessimisticLockReply {
  readonly kind: 'pessimistic-lock';
  readonly errors: readonly KeyError[];
  readonly values: readonly LockedValue[];
}

/** Answer to a heartbeat: the lock's TTL now. */
export interface TxnHeartBeatReply {
  readonly kind: 'txn-heart-beat';
  readonly ttlMs: number;
  readonly error?: KeyError;
}

/** Answer to CheckSecondaryLocks. */
export interface CheckSecondaryLocksReply {
  readonly kind: 'check-secondary-locks';
  readonly status: SecondaryLocksStatus;
}

/** Answer to CheckTxnStatus. */
export interface CheckTxnStatusReply {
  readonly kind: 'check-txn-status';
  readonly status?: TxnStatus;
  readonly error?: KeyError;
}

/** The regions that a split made, in order of keys. */
export interface SplitRegionReply {
  readonly kind: 'split-region';
  readonly regions: readonly RegionInfo[];
}

/** Locks in key order, in memory or in the store. */
export interface ScanLockReply {
  readonly kind: 'scan-lock';
  readonly locks: readonly Lock[];
}

/** Every replica that is up to date has dropped its garbage. */
export interface GcReply {
  readonly kind: 'gc';
}

/** Every replica that is up to date has the records; or none has, because there were others. */
export interface IngestReply {
  readonly kind: 'ingest';
  readonly refused?: 'the range is not empty';
}

/** How far the leader has applied its log, or a lock that stands in the way. */
export interface ReadIndexReply {
  readonly kind: 'read-index';
  readonly index: number;
  readonly locked?: Lock;
}

/** Every answer of a store. */
export type KvReplyBody =
  | SplitRegionReply
  | ScanLockReply
  | GcReply
  | IngestReply
  | ReadIndexReply
  | GetReply
  | BatchGetReply
  | CopReply
  | KeyErrorsReply
  | PrewriteReply
  | CheckSecondaryLocksReply
  | PessimisticLockReply
  | TxnHeartBeatReply
  | CheckTxnStatusReply;

/** Envelope of an answer: either a region error or a body. */
export interface KvReply {
  readonly regionError?: RegionError;
  readonly body?: KvReplyBody;
}
