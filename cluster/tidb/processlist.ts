import { SqlError } from '../errors.ts';
import type { QueryResult } from '../session.ts';
import type { SessionMemory } from './memory/session-memory.ts';
import { okResult } from './run-statement.ts';

/** What a session is doing, as SHOW PROCESSLIST tells it. */
export interface SessionActivity {
  readonly connectionId: number;
  readonly database: string;
  /** The text being run; undefined while the client has the word. */
  readonly running: string | undefined;
  /** When it began, or when the last one ended; virtual µs. */
  readonly sinceUs: number;
  readonly autocommits: boolean;
  readonly inTransaction: boolean;
  readonly memory: SessionMemory;
  /** KILL; a statement that is running ends with error 1317 at the next place where it can. */
  kill(target: 'connection' | 'query'): void;
}

/** Everybody is this user; nobody has to say so. */
export const SYSTEM_USER = 'root';
/** The machine that all connections come from. */
export const CLIENT_HOST = 'client';

/** Rows of SHOW PROCESSLIST without FULL show so much of a text. */
const INFO_LENGTH = 100;

/** The open sessions of one TiDB node. Source: TiDB `server.Server.clients`. */
export class OpenSessions {
  private readonly sessions = new Map<number, SessionActivity>();

  add(session: SessionActivity): void {
    this.sessions.set(session.connectionId, session);
  }

  remove(session: SessionActivity): void {
    this.sessions.delete(session.connectionId);
  }

  /** All of them. */
  all(): Iterable<SessionActivity> {
    return this.sessions.values();
  }

  /** One of them, if it is still open. */
  get(connectionId: number): SessionActivity | undefined {
    return this.sessions.get(connectionId);
  }

  /**
   * Ends a connection or what it is running. Throws 1094 for one that is not here: TiDB looks for
   * it on the other nodes, which is not built.
   */
  kill(connectionId: number, target: 'connection' | 'query'): void {
    const session = this.sessions.get(connectionId);
    if (session === undefined) throw new SqlError(1094, `Unknown thread id: ${connectionId}`);
    session.kill(target);
  }

  /** SHOW [FULL] PROCESSLIST, in order of the connections. */
  list(full: boolean, nowUs: number): QueryResult {
    const columns = ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info'];
    const sorted = [...this.sessions.values()].sort((a, b) => a.connectionId - b.connectionId);
    const rows = sorted.map((session) => [
      session.connectionId,
      SYSTEM_USER,
      CLIENT_HOST,
      session.database === '' ? null : session.database,
      session.running === undefined ? 'Sleep' : 'Query',
      Math.floor((nowUs - session.sinceUs) / 1_000_000),
      stateOf(session),
      infoOf(session, full),
    ]);
    return { ...okResult(), columns, rows };
  }
}

/** What the State column says. */
export function stateOf({ autocommits, inTransaction }: SessionActivity): string {
  const mode = autocommits ? 'autocommit' : '';
  if (!inTransaction) return mode;
  return mode === '' ? 'in transaction' : `in transaction; ${mode}`;
}

function infoOf({ running }: SessionActivity, full: boolean): string | null {
  if (running === undefined) return null;
  return full ? running : running.slice(0, INFO_LENGTH);
}
