import { ConnectionLost, SqlError } from '../errors.ts';
import type { PreparedText, ProtocolSession, QueryResult } from '../session.ts';
import type { Backend, Done, TextToRun } from './backend.ts';

/** What only a broken harness can fail with: not told to a client as an answer. */
export type OnTrouble = (error: unknown) => void;

/** A session, as the protocol drives it. */
export class SessionBackend implements Backend {
  private readonly session: ProtocolSession;
  private readonly onTrouble: OnTrouble;

  constructor(session: ProtocolSession, onTrouble: OnTrouble) {
    this.session = session;
    this.onTrouble = onTrouble;
  }

  execute({ sql, params, single }: TextToRun, done: Done): void {
    const { session } = this;
    // A prepared statement holds one statement anyway, and a direct session asks for no more.
    const alone = single && params.length === 0;
    this.tell(alone ? session.executeSingle(sql) : session.execute(sql, params), done);
  }

  prepare(sql: string, done: Done): void {
    const { session } = this;
    session.prepare(sql).then(
      (prepared: PreparedText) => done({ kind: 'prepared', prepared, state: session.state }),
      (error: unknown) => this.fail(error, done),
    );
  }

  reset(done: Done): void {
    const { session } = this;
    session.reset().then(
      () => done({ kind: 'results', results: [], failure: undefined, state: session.state }),
      (error: unknown) => this.fail(error, done),
    );
  }

  close(): void {
    this.session.close();
  }

  private tell(answer: Promise<QueryResult>, done: Done): void {
    const { session } = this;
    answer.then(
      (last: QueryResult) => {
        const results = [...(last.earlier ?? []), last];
        done({ kind: 'results', results, failure: undefined, state: session.state });
      },
      (error: unknown) => this.fail(error, done),
    );
  }

  private fail(error: unknown, done: Done): void {
    if (error instanceof SqlError) {
      const { state } = this.session;
      done({ kind: 'results', results: error.earlier, failure: error, state });
      return;
    }
    if (!(error instanceof ConnectionLost)) this.onTrouble(error);
    done({ kind: 'lost' });
  }
}
