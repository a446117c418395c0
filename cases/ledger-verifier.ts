import { LEDGER_F, VERIFIER, type VerifyValue } from '../checker/ledger-ops.ts';
import type { Session } from '../cluster/session.ts';
import type { CaseContext } from './case.ts';
import type { Client } from './client.ts';
import { LedgerClient } from './ledger-client.ts';
import { READ_FROM_TIKV, VERIFY } from './ledger-sql.ts';
import { scanTotal, type TableSlices } from './ledger-table-scan.ts';
import { integerOrNull } from './sql-value.ts';

/**
 * Asks for the sum over all last balances, again and again, each time in a transaction of its
 * own. The first time that sum is not 0 it also scans the table at the same snapshot and adds up
 * by itself: then it is known whether the data is wrong or the answer.
 */
export class LedgerVerifier extends LedgerClient {
  private readonly slices: TableSlices;
  private readonly intervalUs: number;
  private scanned = false;

  /** @param intervalUs pause between two verifications */
  constructor(ctx: CaseContext, client: Client, slices: TableSlices, intervalUs: number) {
    super(ctx, VERIFIER, client);
    this.slices = slices;
    this.intervalUs = intervalUs;
  }

  /** One verification; whether the database answered it. */
  async attempt(untilUs: number): Promise<boolean> {
    const session = await this.client.open(untilUs);
    if (session === undefined) return false;
    const operation = { f: LEDGER_F.verify, unanswered: null };
    const failed = await this.readOnly<VerifyValue>(session, operation, () => this.ask(session));
    return failed === undefined;
  }

  /** Verifies, pauses, and so on, pausing first. */
  protected async loop(untilUs: number): Promise<void> {
    while (await this.pause(this.intervalUs, untilUs)) await this.attempt(untilUs);
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
}
