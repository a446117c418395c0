import { setImmediate } from 'node:timers/promises';
import type { CaseContext } from '../cases/case.ts';
import type { Op } from '../checker/history.ts';
import type { Datum } from '../cluster/datum.ts';
import type { QueryResult, Session } from '../cluster/session.ts';
import { Rng } from '../cluster/sim/rng.ts';

/** What a scripted server does with a statement: rows, an error to throw, or no answer ever. */
export type Answer = readonly (readonly Datum[])[] | Error | 'silence';

/** A statement as the server saw it. */
export interface Seen {
  readonly node: number;
  readonly session: number;
  readonly sql: string;
}

const LATENCY_US = 1_000;

/**
 * For tests of what a client says and how it takes the answers: a server that follows a script,
 * on a virtual time of its own. Every statement takes a millisecond. What a database does with
 * the statements is not its business.
 */
export class ScriptedDatabase {
  readonly seen: Seen[] = [];
  readonly ops: Op[] = [];
  readonly context: CaseContext;
  stopping = false;
  /** TiDB nodes there are. */
  nodeCount = 2;
  private readonly answer: (sql: string, seen: Seen) => Answer;
  private nowUs = 0;
  private sessions = 0;
  private sleepers: { readonly atUs: number; readonly wake: () => void }[] = [];

  /** `refuse` tells which connection attempts are refused, given the node. */
  constructor(
    answer: (sql: string, seen: Seen) => Answer,
    refuse: (node: number, nowUs: number) => Error | undefined = () => undefined,
  ) {
    this.answer = answer;
    const nodeCount = (): number => this.nodeCount;
    this.context = {
      source: {
        get nodeCount() {
          return nodeCount();
        },
        connect: (node = 0) => this.connect(node, refuse),
      },
      history: { record: (op) => this.ops.push({ index: this.ops.length, ...op }) },
      sleepUs: (us) => this.sleep(us),
      nowUs: () => this.nowUs,
      rng: (label) => new Rng('scripted', label),
      stopping: () => this.stopping,
      log: () => {},
    };
  }

  /** Lets virtual time run until `work` is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const ended = work.finally(() => {
      done = true;
    });
    ended.catch(() => {});
    for (;;) {
      await setImmediate();
      if (done) return await ended;
      this.sleepers.sort((a, b) => a.atUs - b.atUs);
      const next = this.sleepers.shift();
      if (next === undefined) throw new Error('everybody waits for ever');
      this.nowUs = Math.max(this.nowUs, next.atUs);
      next.wake();
    }
  }

  private sleep(us: number): Promise<void> {
    return new Promise((wake) => this.sleepers.push({ atUs: this.nowUs + us, wake }));
  }

  private async connect(
    node: number,
    refuse: (node: number, nowUs: number) => Error | undefined,
  ): Promise<Session> {
    await this.sleep(LATENCY_US);
    const refusal = refuse(node, this.nowUs);
    if (refusal !== undefined) throw refusal;
    const id = ++this.sessions;
    return { id, execute: (sql) => this.execute({ node, session: id, sql }), close: () => {} };
  }

  private async execute(seen: Seen): Promise<QueryResult> {
    this.seen.push(seen);
    const answer = this.answer(seen.sql, seen);
    if (answer === 'silence') return await new Promise(() => {});
    await this.sleep(LATENCY_US);
    if (answer instanceof Error) throw answer;
    const ok = { affectedRows: 0, lastInsertId: 0, warnings: 0 };
    return { columns: [], rows: answer, ...ok };
  }
}
