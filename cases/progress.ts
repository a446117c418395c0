import { LEDGER_F, type ProgressValue } from '../checker/ledger-ops.ts';
import type { CaseContext } from './case.ts';
import type { Client } from './client.ts';

/** Pause between two attempts, so that instant failures do not spin. */
const PAUSE_US = 100_000;

/** A client that can show whether it gets on again. */
export interface Prover {
  /** Name in the history. */
  readonly name: string;
  readonly client: Client;
  /** Resolves when what it was doing before has ended. */
  settled(): Promise<void>;
  /** Tries one operation, beginning before `untilUs`; whether it succeeded. */
  attempt(untilUs: number): Promise<boolean>;
  /** Time is up: records what is still in flight, and forgets it. */
  abandon(): void;
  /** Why the latest attempt failed. */
  lastError(): string;
}

/**
 * Liveness of one client: once all is healed it must succeed before `deadlineUs`. Records a
 * `progress` operation that says whether it did. Resolves at the deadline at the latest, even if
 * the database never answers again.
 */
export async function proveProgress(
  ctx: CaseContext,
  prover: Prover,
  deadlineUs: number,
): Promise<void> {
  const invokedAtUs = ctx.nowUs();
  const boundUs = deadlineUs - invokedAtUs;
  const tries: Tries = { attempts: 0, succeeded: false };
  await Promise.race([tryUntil(ctx, prover, deadlineUs, tries), ctx.sleepUs(boundUs)]);
  const { attempts, succeeded } = tries;
  prover.abandon();
  const value: ProgressValue = { client: prover.name, attempts, boundUs };
  ctx.history.record({
    process: prover.client.process,
    f: LEDGER_F.progress,
    outcome: succeeded ? 'ok' : 'fail',
    value,
    invokedAtUs,
    completedAtUs: ctx.nowUs(),
    ...(succeeded ? {} : { error: prover.lastError() }),
  });
}

interface Tries {
  attempts: number;
  succeeded: boolean;
}

async function tryUntil(
  ctx: CaseContext,
  prover: Prover,
  deadlineUs: number,
  tries: Tries,
): Promise<void> {
  await prover.settled();
  while (ctx.nowUs() < deadlineUs && !ctx.stopping()) {
    tries.attempts++;
    tries.succeeded = await prover.attempt(deadlineUs);
    if (tries.succeeded) return;
    await ctx.sleepUs(PAUSE_US);
  }
}
