import { expensiveStatement, logExpensiveQuery } from './expensive-query.ts';
import type { TidbNode } from './node.ts';
import type { SessionActivity } from './processlist.ts';

/** TiDB looks at its sessions so often; here only when one may have become slow. */
export const TICK_US = 100_000;

/** When a statement, known by when it began, was told of; its beginning if it has not been. */
interface Told {
  readonly sinceUs: number;
  readonly atUs: number;
}

/**
 * Tells of statements that run for longer than `tidb_expensive_query_time_threshold`. While nothing
 * runs for long, one timer a threshold is all that this costs. Source: TiDB
 * `util/expensivequery`, `Handle.Run`.
 */
export class ExpensiveWatch {
  private readonly node: TidbNode;
  private armed = false;
  private told = new Map<SessionActivity, Told>();

  constructor(node: TidbNode) {
    this.node = node;
  }

  /** A statement has begun. */
  began(): void {
    if (!this.armed) this.arm(this.thresholdUs());
  }

  private arm(us: number): void {
    const { process } = this.node.parts;
    const due = Math.ceil((process.world.nowUs + us) / TICK_US) * TICK_US;
    this.armed = true;
    process.after(due - process.world.nowUs, () => this.look());
  }

  /** Tells of those that are over, and comes back when the next one may be. */
  private look(): void {
    const { process, profile } = this.node.parts;
    const repeats = profile.memory.expensiveQueries === 'repeated';
    const now = process.world.nowUs;
    const before = this.told;
    this.told = new Map();
    let next = Infinity;
    for (const session of this.node.sessions.all()) {
      if (session.running === undefined) continue;
      const { sinceUs } = session;
      const known = before.get(session);
      const last = known?.sinceUs === sinceUs ? known : { sinceUs, atUs: sinceUs };
      const first = last.atUs === sinceUs;
      let told = last;
      if (last.atUs + this.thresholdUs() <= now && (first || repeats)) {
        logExpensiveQuery(expensiveStatement(this.node, session), 'expensive_query');
        told = { sinceUs, atUs: now };
      }
      this.told.set(session, told);
      if (told.atUs === sinceUs || repeats) next = Math.min(next, told.atUs);
    }
    this.armed = false;
    if (next < Infinity) this.arm(Math.max(next + this.thresholdUs() - now, TICK_US));
  }

  private thresholdUs(): number {
    const { globals } = this.node.parts.shared;
    return Number(globals.get('tidb_expensive_query_time_threshold')) * 1_000_000;
  }
}
