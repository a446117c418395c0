import type { Session } from '../cluster/session.ts';
import type { CaseContext } from './case.ts';
import { failureText } from './failure.ts';

const FIRST_BACK_OFF_US = 100_000;
const LONGEST_BACK_OFF_US = 2_000_000;

/** Who a client is and where it connects. */
export interface ClientOptions {
  /** Process number in the history, below `processes`. */
  readonly process: number;
  /** Clients in all: a retired process number comes back this much higher, as in Jepsen. */
  readonly processes: number;
  /** TiDB node it connects to first. */
  readonly node: number;
  /** Whether it goes on to the next node when a connection is lost or refused. */
  readonly spread: boolean;
}

/**
 * One client of the database: at most one session at a time, opened when needed and given up when
 * broken. Failures in a row make it wait longer and longer before it connects again.
 */
export class Client {
  /** Process number for the next operation. */
  process: number;
  private readonly ctx: CaseContext;
  private readonly options: ClientOptions;
  private node: number;
  private session: Session | undefined = undefined;
  private backOffUs = 0;

  constructor(ctx: CaseContext, options: ClientOptions) {
    this.ctx = ctx;
    this.options = options;
    this.process = options.process;
    this.node = options.node % ctx.source.nodeCount;
  }

  /** The open session, or a new one; tries until `untilUs`, then gives undefined. */
  async open(untilUs: number): Promise<Session | undefined> {
    while (this.session === undefined) {
      if (this.backOffUs > 0) await this.ctx.sleepUs(this.backOffUs);
      if (this.ctx.nowUs() >= untilUs || this.ctx.stopping()) return undefined;
      try {
        // There may be fewer nodes by now than when it was picked.
        const { source } = this.ctx;
        this.session = await source.connect(this.node % source.nodeCount);
      } catch (error) {
        failureText(error);
        this.moveOn();
      }
    }
    return this.session;
  }

  /** An operation succeeded: the next trouble is a new one. */
  succeeded(): void {
    this.backOffUs = 0;
  }

  /**
   * Gives up the session; the next one is opened after a pause, elsewhere if the client spreads.
   */
  drop(): void {
    this.session?.close();
    this.session = undefined;
    this.moveOn();
  }

  /** After an operation nobody knows the end of: the process is gone, and so is its session. */
  retire(): void {
    this.drop();
    this.process += this.options.processes;
  }

  /** Closes the session for good. */
  close(): void {
    this.session?.close();
    this.session = undefined;
  }

  private moveOn(): void {
    if (this.options.spread) this.node = (this.node + 1) % this.ctx.source.nodeCount;
    const doubled = Math.min(this.backOffUs * 2, LONGEST_BACK_OFF_US);
    this.backOffUs = doubled === 0 ? FIRST_BACK_OFF_US : doubled;
  }
}
