import { LEDGER_F, VERIFIER, type VerifyValue } from '../checker/ledger-ops.ts';
import { ConnectionLost } from '../cluster/errors.ts';
import type { Session } from '../cluster/session.ts';
import type { CaseContext } from './case.ts';
import type { Client } from './client.ts';
import { failureText } from './failure.ts';
import { rollBack } from './ledger-posting.ts';
import { READ_FROM_TIKV, VERIFY } from './ledger-sql.ts';
import { scanTotal, type TableSlices } from './ledger-table-scan.ts';
import type { Prover } from './progress.ts';
import { integerOrNull } from './sql-value.ts';

/**
 * Asks for the sum over all last balances, again and again, each time in a transaction of its
 * own. The first time that sum is not 0 it also scans the table at the same snapshot and adds up
 * by itself: then it is known whether the data is wrong or the answer.
 */
export class LedgerVerifier implements Prover {
  readonly name = VERIFIER;
  readonly client: Client;
  private readonly ctx: CaseContext;

  private readonly slices: TableSlices;
  private latestError = 'no connection';
  private scanned = false;
  private looping: Promise<void> = Promise.resolve();

  constructor(ctx: CaseContext, client: Client, slices: TableSlices) {
    this.ctx = ctx;
    this.client = client;
    this.slices = slices;
  }

  /** Verifies, pauses for `intervalUs`, and so on until `untilUs`, pausing first. */
  start(intervalUs: number, untilUs: number): Promise<void> {
    this.looping = this.loop(intervalUs, untilUs);
    return this.looping;
  }

  settled(): Promise<void> {
    return this.looping;
  }

  attempt(untilUs: number): Promise<boolean> {
    return this.verify(untilUs);
  }

  /** A verification in flight changes nothing: there is nothing to record. */
  abandon(): void {}

  lastError(): string {
    return this.latestError;
  }

  /** One verification; whether the database answered it. */
  async verify(untilUs: number): Promise<boolean> {
    const session = await this.client.open(untilUs);
    if (session === undefined) return false;
    const invokedAtUs = this.ctx.nowUs();
    try {
      const value = await this.ask(session);
      this.record(invokedAtUs, value, '');
      this.client.succeeded();
      if (!(await rollBack(session))) this.client.drop();
      return true;
    } catch (error) {
      this.latestError = failureText(error);
      this.record(invokedAtUs, null, this.latestError);
      const usable = !(error instanceof ConnectionLost) && (await rollBack(session));
      if (!usable) this.client.drop();
      return false;
    }
  }

  private async loop(intervalUs: number, untilUs: number): Promise<void> {
    const { ctx } = this;
    for (;;) {
      await ctx.sleepUs(Math.min(intervalUs, untilUs - ctx.nowUs()));
      if (ctx.nowUs() >= untilUs || ctx.stopping()) return;
      await this.verify(untilUs);
    }
  }

  private async ask(session: Session): Promise<VerifyValue> {
    await session.execute('BEGIN');
    await session.execute(READ_FROM_TIKV);
    const { rows } = await session.execute(VERIFY);
    const sum = integerOrNull(rows[0]?.[0]);
    const total = sum === null ? null : String(sum);
    if (total === '0' || this.scanned) return { total };
    this.ctx.log(`verification: total ${total ?? 'NULL'}, scanning the same snapshot`);
    this.scanned = true;
    return { total, scanTotal: await scanTotal(session, this.slices) };
  }

  private record(invokedAtUs: number, value: VerifyValue | null, error: string): void {
    this.ctx.history.record({
      process: this.client.process,
      f: LEDGER_F.verify,
      outcome: error === '' ? 'ok' : 'fail',
      value,
      invokedAtUs,
      completedAtUs: this.ctx.nowUs(),
      ...(error === '' ? {} : { error }),
    });
  }
}
