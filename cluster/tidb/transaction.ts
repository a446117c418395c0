/**
 * What the SQL layer needs of a transaction. The executor and the session are written against this;
 * `txn/` fills it with client-go's machinery. Errors are thrown as `SqlError` or `ConnectionLost`,
 * but for {@link LockConflict}, which asks the session to run the statement again.
 */
import type { SqlError } from '../errors.ts';
import type { Key, Stored } from '../key.ts';
import type { Wait } from '../sim/index.ts';
import type { CopProgram } from '../tikv/cop-program.ts';
import type { KeyRange } from '../tikv/request.ts';
import type { Chunk } from './chunk.ts';
import type { ScanReader } from './copr/scan-reader.ts';

/**
 * A pessimistic lock met a newer version, or the key's transaction lost a deadlock with itself. The
 * statement must be run again at a fresh for_update_ts. Not an `Error`: it is ordinary, and a stack
 * trace of each would cost more than the statement. Source: TiDB `executor/adapter.go`.
 */
export class LockConflict {
  readonly conflictCommitTs: number;

  constructor(conflictCommitTs: number) {
    this.conflictCommitTs = conflictCommitTs;
  }
}

/** A scan over ranges of one key space at one timestamp. */
export interface ScanSpec {
  /** Ascending and disjoint. */
  readonly ranges: readonly KeyRange[];
  readonly readTs: number;
  /** Indices into key values followed by stored values; the chunk's columns in that order. */
  readonly columns: readonly number[];
  /** Rows in key order (descending if asked); otherwise regions answer in any order. */
  readonly keepOrder: boolean;
  readonly descending: boolean;
  /** At most so many rows per region are needed; undefined = all. */
  readonly limit: number | undefined;
  /** What stores make of the rows: then these are the chunks' columns. */
  readonly program?: CopProgram | undefined;
  /** One task at a time: the first few rows are enough. */
  readonly serial?: boolean;
  /** The reader it works for. */
  readonly reader?: ScanReader;
}

/** Pulls chunks of a scan; undefined is the end. Chunks belong to the caller. */
export interface ScanCursor {
  next(): Wait<Chunk | undefined>;
  /** Stops; what is still under way is forgotten. */
  close(): void;
}

/** One buffered change. `values` undefined is a delete. */
export interface Buffered {
  readonly key: Key;
  readonly values: readonly Stored[] | undefined;
  /** INSERT's promise that the key was absent: checked by the lock or by prewrite. */
  readonly presumeNotExists: boolean;
}

/** Uncommitted writes of one transaction, in key order on demand; statements can be undone. */
export interface MemBuffer {
  readonly size: number;
  /** What it holds, as far as TiDB charges for it. */
  readonly bytes: number;
  get(key: Key): Buffered | undefined;
  put(key: Key, values: readonly Stored[], presumeNotExists: boolean): void;
  delete(key: Key): void;
  /** Changes with encodings in `[start, end)`, ascending. */
  range(start: string, end: string): readonly Buffered[];
  /** Marks the beginning of a statement; `release` keeps, `revert` undoes what came since. */
  checkpoint(): number;
  revert(checkpoint: number): void;
}

/** Where KILL leaves the error that what runs is to end with. */
export interface Interruption {
  error: SqlError | undefined;
  /** Those who wait where nobody looks at `error`. */
  listeners?: (() => void)[];
}

/** Leaves an error for what runs. */
export function interrupt(interruption: Interruption, error: SqlError): void {
  interruption.error = error;
  for (const listener of [...(interruption.listeners ?? [])]) listener();
}

/** How a statement wants its locks. */
export interface LockOptions {
  /** The statement's for_update_ts. */
  readonly forUpdateTs: number;
  /** Microseconds to wait for another transaction; 0 is NOWAIT. */
  readonly waitUs: number;
  /** Answer the locked values (newest committed). */
  readonly returnValues: boolean;
  /** This statement has been run before. */
  readonly retry: boolean;
  /** Ends the wait when it comes. */
  readonly interruption?: Interruption;
}

/**
 * Who may answer the reads of a snapshot: `tidb_replica_read`, or for one of the past `stale`, any
 * replica that has it all.
 */
export type ReplicaRead = 'leader' | 'follower' | 'leader-and-follower' | 'stale';

/** What a commit may use beside classic two-phase commit. */
export interface CommitProtocols {
  /** `tidb_enable_async_commit`: decided when the last key is prewritten. */
  readonly asyncCommit: boolean;
  /** `tidb_enable_1pc`: committed by its only prewrite, if one request holds all of it. */
  readonly onePc: boolean;
  /** Ends a prewrite that waits for locks. */
  readonly interruption?: Interruption;
}

/** One transaction on the store. */
export interface Transaction {
  readonly startTs: number;
  readonly pessimistic: boolean;
  readonly buffer: MemBuffer;
  /** Who answers reads at `startTs`; reads of the present are always the leader's. */
  replicaRead: ReplicaRead;
  /** True once something was locked or buffered. */
  readonly dirty: boolean;
  /** A fresh timestamp for the next statement of a pessimistic transaction. */
  fetchForUpdateTs(): Wait<number>;
  /** Committed value at `readTs`; the buffer is not looked at. */
  get(key: Key, readTs: number): Wait<readonly Stored[] | undefined>;
  /** As `get` for many keys; undefined where absent, in order. */
  batchGet(keys: readonly Key[], readTs: number): Wait<readonly (readonly Stored[] | undefined)[]>;
  scan(spec: ScanSpec): ScanCursor;
  /**
   * Locks keys pessimistically (optimistic transactions only note them, and they become Lock
   * records at commit). With `presumeNotExists` keys in the buffer the absence is checked: 1062.
   * Values are in order, empty unless asked for. Throws `LockConflict`, 1205, 1213, 3572 or a
   * region's 9xxx error.
   */
  lockKeys(
    keys: readonly Key[],
    options: LockOptions,
  ): Wait<readonly (readonly Stored[] | undefined)[]>;
  /** Whether it has locked a key: `lockKeys` does not look again at what is there. */
  holds(key: Key): boolean;
  /** Releases locks taken since `lockCount` was that: a failed attempt of a statement. */
  releaseLocksSince(lockCount: number): void;
  readonly lockCount: number;
  /**
   * Commits; in two phases if nothing else is allowed, as for the server's own transactions. Throws
   * 9007, 8022, … when surely not committed, and `ConnectionLost` when the result is undetermined:
   * the server then closes the connection.
   */
  commit(protocols?: CommitProtocols): Wait<void>;
  /** Undoes everything; never fails, cleans up in the background. */
  rollback(): void;
}

/** Begins transactions for the sessions of one TiDB node. */
export interface Storage {
  begin(pessimistic: boolean): Wait<Transaction>;
  /** A transaction for reading at a given timestamp. Throws 8055 below GC's safe point. */
  snapshot(readTs: number, replicaRead?: ReplicaRead): Transaction;
  /** The newest timestamp. */
  currentTs(): Wait<number>;
  /** `count` fresh ids; the first of them. */
  allocateIds(count: number): Wait<number>;
  /**
   * Splits regions at these encodings; new tables get regions of their own. How many regions came
   * about.
   */
  splitRegions(keys: readonly string[]): Wait<number>;
}
