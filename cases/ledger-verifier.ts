import { LEDGER_F, VERIFIER, type VerifyValue } from '../checker/ledger-ops.ts';
import type { Session } from '../cluster/session.ts';
import type { CaseContext } from './case.ts';
import type { Client } from './client.ts';
import { LedgerClient } from './ledger-client.ts';
import type { VerifyFrom } from './ledger-options.ts';
import { READ_FROM_TIKV, readFrom, STALENESS_SECONDS, VERIFY } from './ledger-sql.ts';
import { scanTotal, type TableSlices } from './ledger-table-scan.ts';
import { integerOrNull } from './sql-value.ts';

const SECOND_US = 1_000_000;
/** After the load, before it is looked back on: PD's time is a little behind. */
const LOOK_BACK_US = (STALENESS_SECONDS + 1) * SECOND_US;

/** What a verifier needs to know of its run. */
export interface VerifierOptions {
  readonly slices: TableSlices;
  /** Pause between two verifications, µs. */
  readonly intervalUs: number;
  /** Which replicas are read. */
  readonly from: VerifyFrom;
}

/**
 * Asks for the sum over all last balances, again and again, each time in a transaction of its
 * own, of the present or of the past: it is 0 in every snapshot. The first time that it is not, the
 * table is also scanned at the same snapshot and added up here: then it is known whether the data
 * is wrong or the answer. One of the past is a statement without a transaction, and not scanned.
 */
export class LedgerVerifier extends LedgerClient {
  private readonly slices: TableSlices;
  private readonly intervalUs: number;
  private readonly from: VerifyFrom;
  private scanned = false;

  constructor(ctx: CaseContext, client: Client, options: VerifierOptions) {
    super(ctx, VERIFIER, client);
    this.slices = options.slices;
    this.intervalUs = options.intervalUs;
    this.from = options.from;
  }

  /** Verifies the ledger as it was loaded, once that can be looked back on. */
  async verifyLoaded(): Promise<boolean> {
    if (this.from === 'stale') await this.ctx.sleepUs(LOOK_BACK_US);
    return this.attempt(Number.POSITIVE_INFINITY);
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
    if (this.from !== 'leader') await session.execute(readFrom(this.from));
    if (this.from !== 'stale') await session.execute('BEGIN');
    await session.execute(READ_FROM_TIKV);
    const { rows } = await session.execute(VERIFY);
    const sum = integerOrNull(rows[0]?.[0]);
    const total = sum === null ? null : String(sum);
    if (total === '0' || this.scanned || this.from === 'stale') return { total };
    this.ctx.log(`verification: total ${total ?? 'NULL'}, scanning the same snapshot`);
    this.scanned = true;
    return { total, scanTotal: await scanTotal(session, this.slices) };
  }
}
