import type { Datum } from '../cluster/datum.ts';
import type {
  PreparedText,
  ProtocolSession,
  QueryResult,
  SessionState,
} from '../cluster/session.ts';
import type { LiveClock } from './live-clock.ts';

/** A session whose requests make a live clock hurry. */
export class LiveSession implements ProtocolSession {
  private readonly session: ProtocolSession;
  private readonly clock: LiveClock;

  constructor(session: ProtocolSession, clock: LiveClock) {
    this.session = session;
    this.clock = clock;
  }

  get id(): number {
    return this.session.id;
  }

  get state(): SessionState {
    return this.session.state;
  }

  execute(sql: string, params?: readonly Datum[]): Promise<QueryResult> {
    return this.clock.during(this.session.execute(sql, params));
  }

  executeSingle(sql: string): Promise<QueryResult> {
    return this.clock.during(this.session.executeSingle(sql));
  }

  prepare(sql: string): Promise<PreparedText> {
    return this.clock.during(this.session.prepare(sql));
  }

  reset(): Promise<void> {
    return this.clock.during(this.session.reset());
  }

  close(): void {
    this.session.close();
  }
}
