import type { Datum } from '../cluster/datum.ts';
import type { QueryResult, Session, SessionSource } from '../cluster/session.ts';

/** What somebody who is held waits for. */
const FOR_EVER = new Promise<never>(() => {});

/**
 * The sessions of a case, until they are held: from then on nothing that the case asks for leaves
 * the client machine. Its connections stay as they are, with their transactions and their locks.
 * Holding nobody, it changes no trace: answers are settled in the same events.
 */
export class HeldSource implements SessionSource {
  isHeld = false;
  private readonly source: SessionSource;

  constructor(source: SessionSource) {
    this.source = source;
  }

  get nodeCount(): number {
    return this.source.nodeCount;
  }

  connect(node?: number): Promise<Session> {
    if (this.isHeld) return FOR_EVER;
    return this.source.connect(node).then((session) => new HeldSession(session, this));
  }
}

class HeldSession implements Session {
  readonly id: number;
  private readonly session: Session;
  private readonly holder: HeldSource;

  constructor(session: Session, holder: HeldSource) {
    this.id = session.id;
    this.session = session;
    this.holder = holder;
  }

  execute(sql: string, params?: readonly Datum[]): Promise<QueryResult> {
    return this.holder.isHeld ? FOR_EVER : this.session.execute(sql, params);
  }

  close(): void {
    if (!this.holder.isHeld) this.session.close();
  }
}
