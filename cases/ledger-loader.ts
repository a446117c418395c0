import { LEDGER_F, type LoadValue } from '../checker/ledger-ops.ts';
import { SqlError } from '../cluster/errors.ts';
import type { CaseContext } from './case.ts';
import type { Client } from './client.ts';
import { failureText } from './failure.ts';
import type { LedgerOptions } from './ledger-options.ts';
import { createLedger, DROP_TABLE, insertAccounts, setTxnMode } from './ledger-sql.ts';

const BATCH = 100;
const RETRY_LIMIT = 200;
const RETRY_PAUSE_US = 3_000_000;
/** How long tipocket waits for SET GLOBAL to reach every node. */
const SETTLE_US = 5_000_000;
const DUPLICATE_ENTRY = 1062;

/** Gives `acc1` to `accN` their first rows, and says so in the history. */
export type LoadAccounts = (
  ctx: CaseContext,
  clients: readonly Client[],
  accounts: number,
) => Promise<void>;

/** Sets the transaction mode and makes the empty table. */
export async function createTable(
  ctx: CaseContext,
  client: Client,
  { txnMode, primaryKey }: LedgerOptions,
): Promise<void> {
  await executeWithRetry(ctx, client, setTxnMode(txnMode));
  client.close();
  await ctx.sleepUs(SETTLE_US);
  await executeWithRetry(ctx, client, DROP_TABLE);
  await executeWithRetry(ctx, client, createLedger(primaryKey));
  client.close();
}

/** Gives `acc1` to `accN` their first rows, 100 a statement, with all `clients` at once. */
export async function loadAccounts(
  ctx: CaseContext,
  clients: readonly Client[],
  accounts: number,
): Promise<void> {
  let next = 1;
  const work = async (client: Client): Promise<void> => {
    while (next <= accounts && !ctx.stopping()) {
      const from = next;
      next = Math.min(from + BATCH, accounts + 1);
      await loadBatch(ctx, client, from, next);
    }
    client.close();
  };
  await Promise.all(clients.map(work));
}

async function loadBatch(
  ctx: CaseContext,
  client: Client,
  from: number,
  until: number,
): Promise<void> {
  const random = ctx.rng(`ledger-load-${from}`);
  const invokedAtUs = ctx.nowUs();
  // The text is drawn once: a retry of a batch that did get in collides instead of doubling it.
  await executeWithRetry(
    ctx,
    client,
    insertAccounts(from, until, () => random.nextInt63()),
  );
  const value: LoadValue = { from, until };
  ctx.history.record({
    process: client.process,
    f: LEDGER_F.load,
    outcome: 'ok',
    value,
    invokedAtUs,
    completedAtUs: ctx.nowUs(),
  });
}

/**
 * Executes until it works; a duplicate entry means that an earlier try did. Rejects when it never
 * does.
 */
async function executeWithRetry(ctx: CaseContext, client: Client, sql: string): Promise<void> {
  let failure = 'no connection';
  for (let attempt = 0; attempt < RETRY_LIMIT; attempt++) {
    if (attempt > 0) await ctx.sleepUs(RETRY_PAUSE_US);
    const session = await client.open(ctx.nowUs() + RETRY_PAUSE_US);
    if (ctx.stopping()) return;
    if (session === undefined) continue;
    try {
      await session.execute(sql);
      client.succeeded();
      return;
    } catch (error) {
      if (error instanceof SqlError && error.code === DUPLICATE_ENTRY) return;
      failure = failureText(error);
      if (!(error instanceof SqlError)) client.drop();
    }
  }
  throw new Error(`setup gave up after ${RETRY_LIMIT} tries: ${failure}`);
}
