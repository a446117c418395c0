import type { Datum } from '../datum.ts';
import { ConnectionLost, SqlError } from '../errors.ts';
import type { QueryResult } from '../session.ts';
import type { Call, Handler, Process, Wait } from '../sim/index.ts';

/** What a client sends a TiDB node. */
export type ClientRequest =
  | { readonly kind: 'connect'; readonly connection: number }
  | {
      readonly kind: 'execute';
      readonly connection: number;
      readonly sql: string;
      readonly params: readonly Datum[];
    }
  | { readonly kind: 'close'; readonly connection: number };

/** What it answers: a result or an error packet, or nothing but a closed connection. */
export type ClientReply =
  | { readonly kind: 'result'; readonly result: QueryResult }
  | { readonly kind: 'error'; readonly error: SqlError }
  | { readonly kind: 'closed' };

/** One connection's session, as the server drives it. */
export interface ServerSession {
  execute(sql: string, params: readonly Datum[]): Wait<QueryResult>;
  /** The client went away: an open transaction is rolled back. */
  close(): void;
}

/** Opens a session; `hangUp` closes its connection from the server's side. */
export type OpenSession = (connection: number, hangUp: () => void) => ServerSession;

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
      const hangUp = (): void => {
        const session = this.sessions.get(connection);
        if (session !== undefined) this.drop(connection, session);
      };
      this.sessions.set(connection, this.open(connection, hangUp));
      answer(call, { kind: 'result', result: CONNECTED });
      return;
    }
    const session = this.sessions.get(connection);
    if (session === undefined) answer(call, { kind: 'closed' });
    else if (request.kind === 'close') {
      this.drop(connection, session);
      answer(call, { kind: 'closed' });
    } else this.execute(call, session, request.sql, request.params, connection);
  }

  private execute(
    call: Call,
    session: ServerSession,
    sql: string,
    params: readonly Datum[],
    connection: number,
  ): void {
    this.process.spawn(session.execute(sql, params), (error, result) => {
      if (error === undefined) answer(call, { kind: 'result', result: result as QueryResult });
      else if (error instanceof SqlError) answer(call, { kind: 'error', error });
      else if (error instanceof ConnectionLost) {
        this.drop(connection, session);
        answer(call, { kind: 'closed' });
      } else throw error;
    });
  }

  private drop(connection: number, session: ServerSession): void {
    this.sessions.delete(connection);
    session.close();
  }
}

function answer(call: Call, reply: ClientReply): void {
  call.respond(reply, reply.kind === 'error' ? reply.error.code : 0);
}
