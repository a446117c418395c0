import { LEDGER_F, type TransferValue } from '../checker/ledger-ops.ts';
import type { Outcome } from '../cluster/errors.ts';
import type { CaseContext, CaseRandom } from './case.ts';
import type { Client } from './client.ts';
import { drawPosting, type Posting, performPosting } from './ledger-posting.ts';
import type { ArrivalSchedule } from './pacing.ts';
import type { Prover } from './progress.ts';

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
export class LedgerWorker implements Prover {
  readonly name: string;
  readonly client: Client;
  private readonly ctx: CaseContext;
  private readonly options: WorkerOptions;
  /** The posting in flight. */
  private pending: { readonly posting: Posting; readonly invokedAtUs: number } | undefined;
  private latestError = 'no connection';
  /** Resolves when the safety phase's loop has ended: not before its last posting has. */
  private looping: Promise<void> = Promise.resolve();

  constructor(ctx: CaseContext, options: WorkerOptions) {
    this.ctx = ctx;
    this.options = options;
    this.name = options.name;
    this.client = options.client;
    this.pending = undefined;
  }

  /** Posts until `untilUs`; the promise resolves when the last posting has ended. */
  start(untilUs: number): Promise<void> {
    this.looping = this.loop(untilUs);
    return this.looping;
  }

  settled(): Promise<void> {
    return this.looping;
  }

  async attempt(untilUs: number): Promise<boolean> {
    return (await this.post(untilUs)) === 'ok';
  }

  /** Nobody waits any longer for the posting in flight: it may take effect or not. */
  abandon(): void {
    if (this.pending === undefined) return;
    this.complete('info', 'still in flight when its time was up');
    this.client.retire();
  }

  lastError(): string {
    return this.latestError;
  }

  private async loop(untilUs: number): Promise<void> {
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
    if (error !== '') this.latestError = error;
    const value: TransferValue = { ...posting };
    this.ctx.history.record({
      process: this.client.process,
      f: LEDGER_F.transfer,
      outcome,
      value,
      invokedAtUs,
      completedAtUs: this.ctx.nowUs(),
      ...(error === '' ? {} : { error }),
    });
  }
}
