import type { Datum } from './datum.ts';

/** The MySQL type of a result's column. */
export interface ColumnType {
  /** Family: `int`, `decimal`, `real`, `string`, `datetime`, `date`, `time` or `null`. */
  readonly kind: string;
  /** MySQL's name in upper case: BIGINT, VARCHAR, … */
  readonly name: string;
  readonly unsigned: boolean;
  /** Characters of a string, digits of a decimal, display width of an integer. */
  readonly length: number;
  /** Digits behind the point: of a decimal, and of the seconds of a time. */
  readonly scale: number;
}

/** One result set or one OK packet. Rows are few at this surface; inside, they flow in chunks. */
export interface QueryResult {
  /** Output column names; empty for statements without a result set. */
  readonly columns: readonly string[];
  /** Types of the columns, shared with the plan; absent where no plan made the rows. */
  readonly types?: readonly ColumnType[];
  readonly rows: readonly (readonly Datum[])[];
  /** Rows changed by DML; 0 otherwise. */
  readonly affectedRows: number;
  /** First generated AUTO_INCREMENT value, 0 if none. */
  readonly lastInsertId: number | bigint;
  readonly warnings: number;
  /** Results of the statements before it in the same text, in order; absent if there were none. */
  readonly earlier?: readonly QueryResult[];
}

/** What the protocol tells with every answer. */
export interface SessionState {
  readonly inTransaction: boolean;
  readonly autocommits: boolean;
}

/** What the server says of a statement that was prepared. */
export interface PreparedText {
  /** Number of `?` markers. */
  readonly parameterCount: number;
  /** Columns of its result, as far as they are known before the parameters are. */
  readonly columns: readonly string[];
  readonly types: readonly ColumnType[];
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

/** A session with what the MySQL protocol has beyond a case's needs. */
export interface ProtocolSession extends Session {
  /** As of the last answer. */
  readonly state: SessionState;
  /** As `execute`, but a text of several statements is error 8130. */
  executeSingle(sql: string): Promise<QueryResult>;
  /** Parses and plans a statement without running it. */
  prepare(sql: string): Promise<PreparedText>;
  /** Ends the transaction and forgets variables, as if the connection were new. */
  reset(): Promise<void>;
}

/** Opens sessions; the only thing of a cluster that a case receives. */
export interface SessionSource {
  /** Connects to TiDB node `node` (0-based). Rejects with `ConnectionLost` when it is down. */
  connect(node?: number): Promise<Session>;
  /** How many TiDB nodes there are to connect to. */
  readonly nodeCount: number;
}

/** Sessions for the MySQL protocol. */
export interface ProtocolSource extends SessionSource {
  connect(node?: number): Promise<ProtocolSession>;
}
