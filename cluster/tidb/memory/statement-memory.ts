import type { Bugs } from '../../bugs.ts';
import type { Log } from '../../log.ts';
import type { Profile } from '../../profiles.ts';
import type { Process, Wait } from '../../sim/index.ts';
import type { ActionName, LimitKind, MemoryAction } from './action.ts';
import type { ExecDetails } from './exec-details.ts';
import type { FileSource } from './tmp-storage.ts';
import type { Tracker } from './tracker.ts';

/** How far a statement has come. */
export interface Progress {
  readonly affectedRows: number;
}

/** An operator of a plan, as trackers are named after it. */
export interface NamedOperator {
  readonly id: number;
  readonly name: string;
  readonly inputs: readonly NamedOperator[];
}

/**
 * The memory of one statement, as its operators see it. A statement that charges nothing makes
 * none of these trackers.
 */
export interface StatementMemory {
  /** All that the statement holds, label -1. */
  readonly tracker: Tracker;
  /** All that it has on disk. */
  readonly disk: Tracker;
  /** A tracker for an operator, directly under the statement's; ended with the statement. */
  newExecutorTracker(planId: number): Tracker;
  /** The same for what it has on disk. */
  newDiskTracker(planId: number): Tracker;
  /** Most that an operator has held so far; undefined if it has no tracker. */
  maxConsumed(planId: number): { readonly memory?: number; readonly disk?: number };
  /** Gives an action its place: at the statement or, from v6.4, at its session. */
  addAction(action: MemoryAction, kind: LimitKind): void;
  /** The quota in force, bytes; 0 or less is none. */
  readonly quota: number;
  /** MEMORY_QUOTA of a hint: bytes instead of the session's, told before anything is charged. */
  demandQuota(bytes: number): void;
  /** `tidb_enable_tmp_storage_on_oom`: operators may register actions that spill. */
  readonly spillAllowed: boolean;
  /** Files to spill to. */
  readonly storage: FileSource;
  /** Where spilling and workers run. */
  readonly process: Process;
  readonly profile: Profile;
  readonly bugs: Bugs;
  /** The node's log. */
  readonly log: Log;
  /** What its reads have cost so far; readers add to it. */
  readonly details: ExecDetails;
  /** The statement's text. */
  readonly sql: string;
  /** The connection, as error texts and log lines name it. */
  readonly connectionId: number;
  /** The statement's transaction has buffered so much; from v6.4 that is charged. */
  buffered(bytes: number): Wait<void>;
  /** From v7.6 the whole session is stopped when a quota is exceeded. */
  quotaExceeded(): void;
  /** It runs in this transaction now; `progress` knows how many rows it has changed. */
  runsIn(txnStartTs: number, progress: Progress): void;
  /** It runs this plan. */
  runsPlan(root: NamedOperator): void;
  /** A request to a store is sent on its behalf. */
  asks(): void;
  /** It was answered, or given up. */
  asked(): void;
  /** An answer of so many bytes has come. */
  answered(bytes: number): void;
  /** Tells those who watch that one of its workers ended by a panic. */
  panicked(message: string): void;
  /** Tells those who watch, and counts spills for `QUERY_FORCE_DISK`, that an action acted. */
  acted(action: ActionName, tracker: Tracker, tokensLeft?: number): void;
}
