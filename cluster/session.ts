import type { Datum } from './datum.ts';

/** One result set or one OK packet. Rows are few at this surface; inside, they flow in chunks. */
export interface QueryResult {
  /** Output column names; empty for statements without a result set. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Datum[])[];
  /** Rows changed by DML; 0 otherwise. */
  readonly affectedRows: number;
  /** First generated AUTO_INCREMENT value, 0 if none. */
  readonly lastInsertId: number | bigint;
  readonly warnings: number;
}

/**
 * One connection to the database, as a case sees it: simulated, a DSN or local processes alike.
 *
 * `execute` rejects with a `SqlError` (see `errors.ts`) when the server answers with an error
 * packet, and with a `ConnectionLost` when no answer will come. After the latter the session is
 * dead. With several statements in one text the last result is returned.
 */
export interface Session {
  readonly id: number;
  execute(sql: string, params?: readonly Datum[]): Promise<QueryResult>;
  close(): void;
}

/** Opens sessions; the only thing of a cluster that a case receives. */
export interface SessionSource {
  /** Connects to TiDB node `node` (0-based). Rejects with `ConnectionLost` when it is down. */
  connect(node?: number): Promise<Session>;
  /** How many TiDB nodes there are to connect to. */
  readonly nodeCount: number;
}
