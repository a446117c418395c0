import type { Datum } from '../datum.ts';
import { ConnectionLost, SqlError } from '../errors.ts';
import type { PreparedText, QueryResult, SessionState } from '../session.ts';
import type { Call, Handler, Process, Wait } from '../sim/index.ts';

/** What a client sends a TiDB node. */
export type ClientRequest =
  | { readonly kind: 'connect'; readonly connection: number }
  | {
      readonly kind: 'execute';
      readonly connection: number;
      readonly sql: string;
      readonly params: readonly Datum[];
      /** The client may not send several statements in one text. */
      readonly single?: true;
    }
  | { readonly kind: 'prepare'; readonly connection: number; readonly sql: string }
  | { readonly kind: 'reset'; readonly connection: number }
  | { readonly kind: 'close'; readonly connection: number };

/** What it answers: a result or an error packet, or nothing but a closed connection. */
export type ClientReply =
  | { readonly kind: 'result'; readonly result: QueryResult; readonly state: SessionState }
  | { readonly kind: 'prepared'; readonly prepared: PreparedText; readonly state: SessionState }
  | { readonly kind: 'error'; readonly error: SqlError; readonly state: SessionState }
  | { readonly kind: 'closed' };

/** One connection's session, as the server drives it. */
export interface ServerSession extends SessionState {
  /**
   * Begins to run a text; `ended` must follow, also if this throws.
   *
   * @param single several statements in the text are error 8130
   */
  execute(sql: string, params: readonly Datum[], single: boolean): Wait<QueryResult>;
  /** The text has run, or ended with this error; the error to be told, if any. */
  ended(error: unknown): unknown;
  /** Parses and plans a statement without running it. */
  prepare(sql: string): Wait<PreparedText>;
  /** The client went away: an open transaction is rolled back. */
  close(): void;
}

/** Opens a session; `hangUp` closes its connection from the server's side. */
export type OpenSession = (connection: number, hangUp: () => void) => ServerSession;

type StatementRequest = Extract<ClientRequest, { readonly sql: string }>;

/** What is empty about a result without rows. */
const CONNECTED: QueryResult = {
  columns: [],
  rows: [],
  affectedRows: 0,
  lastInsertId: 0,
  warnings: 0,
};

/** A TiDB node's front: connections and their sessions, all of which die with the process. */
export class Server implements Handler {
  private readonly process: Process;
  private readonly open: OpenSession;
  private readonly sessions = new Map<number, ServerSession>();

  constructor(process: Process, open: OpenSession) {
    this.process = process;
    this.open = open;
    process.handle(this);
  }

  onCall(call: Call): void {
    const request = call.request as ClientRequest;
    const { connection } = request;
    if (request.kind === 'connect') {
      this.begin(call, connection);
      return;
    }
    const session = this.sessions.get(connection);
    if (session === undefined) answer(call, { kind: 'closed' });
    else if (request.kind === 'close') {
      this.drop(connection, session);
      answer(call, { kind: 'closed' });
    } else if (request.kind === 'reset') {
      this.drop(connection, session);
      this.begin(call, connection);
    } else this.run(call, session, request);
  }

  private begin(call: Call, connection: number): void {
    const hangUp = (): void => {
      const session = this.sessions.get(connection);
      if (session !== undefined) this.drop(connection, session);
    };
    const session = this.open(connection, hangUp);
    this.sessions.set(connection, session);
    answer(call, { kind: 'result', result: CONNECTED, state: stateOf(session) });
  }

  private run(call: Call, session: ServerSession, request: StatementRequest): void {
    if (request.kind === 'prepare') {
      this.process.spawn(session.prepare(request.sql), (error, value) => {
        const prepared = value as PreparedText;
        if (error !== undefined) this.fail(call, session, error);
        else answer(call, { kind: 'prepared', prepared, state: stateOf(session) });
      });
      return;
    }
    const onEnd = (error: unknown, value: unknown): void => {
      const failure = session.ended(error);
      const result = value as QueryResult;
      if (failure !== undefined) this.fail(call, session, failure);
      else answer(call, { kind: 'result', result, state: stateOf(session) });
    };
    let body: Wait<QueryResult>;
    try {
      body = session.execute(request.sql, request.params, request.single === true);
    } catch (error) {
      onEnd(error, undefined);
      return;
    }
    this.process.spawn(body, onEnd);
  }

  private fail(call: Call, session: ServerSession, error: unknown): void {
    if (error instanceof SqlError) answer(call, { kind: 'error', error, state: stateOf(session) });
    else if (error instanceof ConnectionLost) {
      this.drop((call.request as StatementRequest).connection, session);
      answer(call, { kind: 'closed' });
    } else throw error;
  }

  private drop(connection: number, session: ServerSession): void {
    this.sessions.delete(connection);
    session.close();
  }
}

function stateOf({ inTransaction, autocommits }: ServerSession): SessionState {
  return { inTransaction, autocommits };
}

function answer(call: Call, reply: ClientReply): void {
  call.respond(reply, reply.kind === 'error' ? reply.error.code : 0);
}
