import { INDEX_MISMATCH, LEDGER_F } from '../checker/ledger-ops.ts';
import { ConnectionLost } from '../cluster/errors.ts';
import type { Session } from '../cluster/session.ts';
import type { CaseContext } from './case.ts';
import type { Client } from './client.ts';
import { failureText } from './failure.ts';
import { rollBack } from './ledger-posting.ts';
import { ADMIN_CHECK } from './ledger-sql.ts';
import { readValue, type TableSlices } from './ledger-table-scan.ts';

const RETRY_PAUSE_US = 1_000_000;
/** Answers of a server that has no ADMIN CHECK: asking again is no use. */
const UNSUPPORTED = /^(1064|1235) /;

/** Reads the whole table in one snapshot, slice by slice, trying anew until `deadlineUs`. */
export async function readTable(
  ctx: CaseContext,
  client: Client,
  slices: TableSlices,
  deadlineUs: number,
): Promise<void> {
  let attempt = 0;
  await retry(ctx, client, LEDGER_F.read, deadlineUs, async (session) => {
    attempt++;
    let sinceUs = ctx.nowUs();
    await session.execute('BEGIN');
    await slices.scan(session, (rows, last) => {
      const value = readValue(attempt, last, rows);
      record(ctx, client, LEDGER_F.read, value, sinceUs, '');
      sinceUs = ctx.nowUs();
    });
    if (!(await rollBack(session))) client.drop();
  });
}

/** Has the database compare its indexes with its rows, trying anew until `deadlineUs`. */
export async function adminCheck(
  ctx: CaseContext,
  client: Client,
  deadlineUs: number,
): Promise<void> {
  await retry(ctx, client, LEDGER_F.adminCheck, deadlineUs, async (session) => {
    const sinceUs = ctx.nowUs();
    await session.execute(ADMIN_CHECK);
    record(ctx, client, LEDGER_F.adminCheck, null, sinceUs, '');
  });
}

async function retry(
  ctx: CaseContext,
  client: Client,
  f: string,
  deadlineUs: number,
  read: (session: Session) => Promise<void>,
): Promise<void> {
  while (ctx.nowUs() < deadlineUs && !ctx.stopping()) {
    const session = await client.open(deadlineUs);
    if (session === undefined) return;
    const sinceUs = ctx.nowUs();
    try {
      await read(session);
      client.succeeded();
      return;
    } catch (error) {
      const text = failureText(error);
      record(ctx, client, f, null, sinceUs, text);
      if (UNSUPPORTED.test(text) || INDEX_MISMATCH.test(text)) return;
      const usable = !(error instanceof ConnectionLost) && (await rollBack(session));
      if (!usable) client.drop();
      await ctx.sleepUs(RETRY_PAUSE_US);
    }
  }
}

function record(
  ctx: CaseContext,
  client: Client,
  f: string,
  value: unknown,
  invokedAtUs: number,
  error: string,
): void {
  ctx.history.record({
    process: client.process,
    f,
    outcome: error === '' ? 'ok' : 'fail',
    value,
    invokedAtUs,
    completedAtUs: ctx.nowUs(),
    ...(error === '' ? {} : { error }),
  });
}
