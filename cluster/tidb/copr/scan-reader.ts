import type { CopReply } from '../../tikv/request.ts';
import type { StatementMemory } from '../memory/statement-memory.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { Interruption } from '../transaction.ts';
import type { ResponseDetails } from './cop-response.ts';

/** What a session's variables say about its scans. */
export interface CopSettings {
  /** `tidb_distsql_scan_concurrency`: tasks under way at once. */
  readonly concurrency: number;
  /** `tidb_enable_rate_limit_action`. */
  readonly rateLimitAction: boolean;
  /** `tidb_enable_paging`. */
  readonly paging: boolean;
}

/** Those of scans that no statement asked for. */
export const INTERNAL_SETTINGS: CopSettings = {
  concurrency: 15,
  rateLimitAction: false,
  paging: false,
};

/** An answer that a reader has taken in. */
export interface ConsumedAnswer {
  readonly reply: CopReply;
  readonly details: ResponseDetails;
  /** How long the reader waited for it, µs. */
  readonly copUs: number;
}

/**
 * The reader of a statement that a scan works for: what it holds is charged there, and a KILL of
 * the statement ends it. Scans of the server itself (DDL, ADMIN CHECK, ANALYZE) have none.
 */
export interface ScanReader {
  readonly memory: StatementMemory;
  /** The operator's tracker. */
  readonly tracker: Tracker;
  /** Types of the columns that come back; by them bytes are counted. */
  readonly types: readonly SqlType[];
  readonly interruption: Interruption;
  readonly settings: CopSettings;
  /** Told of every answer that is taken in. */
  consumed(answer: ConsumedAnswer): void;
}
