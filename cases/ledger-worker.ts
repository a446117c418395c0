import { LEDGER_F, type TransferValue } from '../checker/ledger-ops.ts';
import type { Outcome } from '../cluster/errors.ts';
import type { CaseContext, CaseRandom } from './case.ts';
import type { Client } from './client.ts';
import { LedgerClient } from './ledger-client.ts';
import { drawPosting, type Posting, performPosting } from './ledger-posting.ts';
import type { ArrivalSchedule } from './pacing.ts';

/**
 * A try that took no time at all is followed by this pause, so that a dead end does not stop
 * time.
 */
const INSTANT_PAUSE_US = 1_000;

/** What a worker needs to know of its run. */
export interface WorkerOptions {
  /** Name in the history: `worker-17`. */
  readonly name: string;
  readonly accounts: number;
  readonly random: CaseRandom;
  readonly client: Client;
  /** When its postings are due; undefined: at once. */
  readonly schedule: ArrivalSchedule | undefined;
}

/** One of the ledger's workers: posts, one posting at a time, and records what became of each. */
export class LedgerWorker extends LedgerClient {
  private readonly options: WorkerOptions;
  /** The posting in flight. */
  private pending: { readonly posting: Posting; readonly invokedAtUs: number } | undefined =
    undefined;

  constructor(ctx: CaseContext, options: WorkerOptions) {
    super(ctx, options.name, options.client);
    this.options = options;
  }

  async attempt(untilUs: number): Promise<boolean> {
    return (await this.post(untilUs)) === 'ok';
  }

  /** Nobody waits any longer for the posting in flight: it may take effect or not. */
  override abandon(): void {
    if (this.pending === undefined) return;
    this.complete('info', 'still in flight when its time was up');
    this.client.retire();
  }

  protected async loop(untilUs: number): Promise<void> {
    const { ctx, options } = this;
    for (;;) {
      if (options.schedule !== undefined) {
        const waitUs = Math.min(options.schedule.next(ctx.nowUs()), untilUs) - ctx.nowUs();
        if (waitUs > 0) await ctx.sleepUs(waitUs);
      }
      if (ctx.nowUs() >= untilUs || ctx.stopping()) return;
      const fromUs = ctx.nowUs();
      await this.post(untilUs);
      if (ctx.nowUs() === fromUs) await ctx.sleepUs(INSTANT_PAUSE_US);
    }
  }

  /** One posting; undefined if none was made: equal accounts, or no connection until `untilUs`. */
  private async post(untilUs: number): Promise<Outcome | undefined> {
    const { ctx, options } = this;
    const posting = drawPosting(options.random, options.accounts);
    if (posting === undefined) return undefined;
    const session = await this.client.open(untilUs);
    if (session === undefined) return undefined;
    const mine = { posting, invokedAtUs: ctx.nowUs() };
    this.pending = mine;
    const end = await performPosting(session, posting);
    if (this.pending !== mine) return undefined;
    this.complete(end.outcome, end.error);
    if (end.outcome === 'info') this.client.retire();
    else if (!end.sessionUsable) this.client.drop();
    else if (end.outcome === 'ok') this.client.succeeded();
    return end.outcome;
  }

  private complete(outcome: Outcome, error: string): void {
    if (this.pending === undefined) return;
    const { posting, invokedAtUs } = this.pending;
    this.pending = undefined;
    const value: TransferValue = { ...posting };
    this.record({ f: LEDGER_F.transfer, outcome, value, invokedAtUs, error });
  }
}
