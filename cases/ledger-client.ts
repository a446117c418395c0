import type { ReadingValue, TransferValue, VerifyValue } from '../checker/ledger-ops.ts';
import { ConnectionLost, type Outcome } from '../cluster/errors.ts';
import type { Session } from '../cluster/session.ts';
import type { CaseContext } from './case.ts';
import type { Client } from './client.ts';
import { failureText } from './failure.ts';
import { rollBack } from './ledger-posting.ts';
import type { Prover } from './progress.ts';

/** An operation of the ledger that has ended. */
interface Ended {
  readonly f: string;
  readonly outcome: Outcome;
  readonly value: TransferValue | VerifyValue | ReadingValue | null;
  readonly invokedAtUs: number;
  /** Why it did not succeed; empty if it did. */
  readonly error: string;
}

/**
 * What the workers, the verifier and the readers of the ledger have in common: a name, a client
 * that connects again, a loop while faults go on, and the record of what each operation came to.
 */
export abstract class LedgerClient implements Prover {
  readonly name: string;
  readonly client: Client;
  protected readonly ctx: CaseContext;
  protected latestError = 'no connection';
  /** Resolves when the safety phase's loop has ended: not before its last operation has. */
  private looping: Promise<void> = Promise.resolve();

  constructor(ctx: CaseContext, name: string, client: Client) {
    this.ctx = ctx;
    this.name = name;
    this.client = client;
  }

  abstract attempt(untilUs: number): Promise<boolean>;

  /** Operates until `untilUs`; the promise resolves when the last operation has ended. */
  start(untilUs: number): Promise<void> {
    this.looping = this.loop(untilUs);
    return this.looping;
  }

  settled(): Promise<void> {
    return this.looping;
  }

  /** What is in flight changes nothing, unless a client says otherwise: nothing to record. */
  abandon(): void {}

  lastError(): string {
    return this.latestError;
  }

  protected abstract loop(untilUs: number): Promise<void>;

  /** Does nothing for a while, but not beyond `untilUs`; whether there is anything left to do. */
  protected async pause(us: number, untilUs: number): Promise<boolean> {
    const { ctx } = this;
    await ctx.sleepUs(Math.min(us, untilUs - ctx.nowUs()));
    return ctx.nowUs() < untilUs && !ctx.stopping();
  }

  /**
   * A reading in a transaction that `ask` begins: recorded with its answer, or with `unanswered`,
   * then rolled back; a session that broke is dropped. Gives what was thrown, if anything was.
   */
  protected async readOnly<Value extends VerifyValue | ReadingValue>(
    session: Session,
    { f, unanswered }: { readonly f: string; readonly unanswered: Value | null },
    ask: (session: Session) => Promise<Value>,
  ): Promise<{ readonly thrown: unknown } | undefined> {
    const invokedAtUs = this.ctx.nowUs();
    try {
      const value = await ask(session);
      this.record({ f, outcome: 'ok', value, invokedAtUs, error: '' });
      this.client.succeeded();
      if (!(await rollBack(session))) this.client.drop();
      return undefined;
    } catch (thrown) {
      const error = failureText(thrown);
      this.record({ f, outcome: 'fail', value: unanswered, invokedAtUs, error });
      const usable = !(thrown instanceof ConnectionLost) && (await rollBack(session));
      if (!usable) this.client.drop();
      return { thrown };
    }
  }

  protected record({ f, outcome, value, invokedAtUs, error }: Ended): void {
    if (error !== '') this.latestError = error;
    this.ctx.history.record({
      process: this.client.process,
      f,
      outcome,
      value,
      invokedAtUs,
      completedAtUs: this.ctx.nowUs(),
      ...(error === '' ? {} : { error }),
    });
  }
}
