import type { Datum } from '../datum.ts';
import type { SqlError } from '../errors.ts';
import type { PreparedText, QueryResult, SessionState } from '../session.ts';

/** What came of a request to the database. */
export type Reply =
  | {
      readonly kind: 'results';
      /** One for each statement that succeeded, in order. */
      readonly results: readonly QueryResult[];
      /** What the statement after them failed with. */
      readonly failure: SqlError | undefined;
      readonly state: SessionState;
    }
  | { readonly kind: 'prepared'; readonly prepared: PreparedText; readonly state: SessionState }
  /** No answer will come: the session is gone, and the connection with it. */
  | { readonly kind: 'lost' };

/** Called once with what came of a request; not from inside the request. */
export type Done = (reply: Reply) => void;

/** A text to run. */
export interface TextToRun {
  readonly sql: string;
  readonly params: readonly Datum[];
  /** Several statements in it are error 8130. */
  readonly single: boolean;
}

/** The session behind a connection. One request at a time. */
export interface Backend {
  /** Answered by results. */
  execute(text: TextToRun, done: Done): void;
  /** Answered by what was prepared, or by results that hold nothing but a failure. */
  prepare(sql: string, done: Done): void;
  /** As if the connection were new. Answered by results. */
  reset(done: Done): void;
  /** The connection is over. */
  close(): void;
}
