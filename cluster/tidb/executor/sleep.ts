import { SqlError } from '../../errors.ts';
import { Gate, type Wait } from '../../sim/index.ts';
import { removeFrom } from '../remove-from.ts';
import { BIGINT } from '../sql/catalog-type.ts';
import { toReal } from './coerce.ts';
import type { Compiled, StatementContext } from './context.ts';

/** A sleeping statement looks so often whether it was killed. */
const TICK_US = 10_000;

/**
 * SLEEP was reached. Expressions cannot wait; who computes them can, and does so in `pausing`.
 * Where nobody does, this is the error that the statement ends with.
 */
class SleepWanted extends SqlError {
  readonly us: number;

  constructor(us: number) {
    super(1235, "This version of TiDB doesn't yet support 'SLEEP in this context'");
    this.us = us;
  }
}

/** What the sleeps of one computation came to: 0, or 1 if killed. */
export interface Naps {
  readonly results: readonly number[];
  /** How many have been answered again. */
  next: number;
  /** The last one was ended by a KILL: there is no sleeping any more. */
  readonly killed: boolean;
}

/** SLEEP(seconds). Throws 1210 for NULL and for less than nothing. */
export function sleepCall(seconds: Compiled): Compiled {
  return {
    type: BIGINT,
    column: undefined,
    constant: false,
    evaluate: (ctx, chunk, row) => {
      const value = seconds.evaluate(ctx, chunk, row);
      const number = value === null ? -1 : toReal(value, seconds.type, ctx);
      if (number < 0) throw new SqlError(1210, 'Incorrect arguments to sleep');
      const us = Math.round(number * 1_000_000);
      if (us === 0) return 0;
      const { naps } = ctx;
      if (naps !== undefined && naps.next < naps.results.length) {
        return naps.results[naps.next++] as number;
      }
      if (naps?.killed === true) return 1;
      throw new SleepWanted(us);
    },
  };
}

/**
 * Computes something; wherever that comes to a SLEEP it waits, and begins again with the answers
 * that the sleeps so far have had.
 */
export function* pausing<T>(ctx: StatementContext, compute: () => T): Wait<T> {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof SleepWanted)) throw error;
    return yield* pausedAt(ctx, compute, error.us);
  }
}

function* pausedAt<T>(ctx: StatementContext, compute: () => T, us: number): Wait<T> {
  const results: number[] = [];
  for (let wanted = us; ; ) {
    const killed = yield* sleepFor(ctx, wanted);
    results.push(killed ? 1 : 0);
    ctx.naps = { results, next: 0, killed };
    try {
      const computed = compute();
      const { error } = ctx.session.interruption;
      if (killed && error !== undefined) throw error;
      return computed;
    } catch (error) {
      if (!(error instanceof SleepWanted)) throw error;
      wanted = error.us;
    } finally {
      ctx.naps = undefined;
    }
  }
}

/**
 * Sleeps. True: a KILL has ended it. Until v7.6 that is all it does; from then on only if there is
 * no table in the statement, which ends with an error otherwise. Source: TiDB
 * `expression/builtin_miscellaneous_vec.go`, `doSleep`.
 */
function* sleepFor(ctx: StatementContext, us: number): Wait<boolean> {
  const { interruption } = ctx.session;
  const { process, profile } = ctx.memory;
  const sinceUs = process.world.nowUs;
  const gate = new Gate();
  let over = false;
  const wake = (): void => {
    if (!over) gate.open();
    over = true;
  };
  const onKill = (): void => {
    process.after(TICK_US - ((process.world.nowUs - sinceUs) % TICK_US), wake);
  };
  process.after(us, wake);
  if (interruption.error !== undefined) onKill();
  interruption.listeners ??= [];
  interruption.listeners.push(onKill);
  yield* gate.wait(process);
  removeFrom(interruption.listeners, onKill);
  if (interruption.error === undefined || process.world.nowUs - sinceUs >= us) return false;
  if (profile.memory.quotaError === 'short' || !ctx.readsTables) interruption.error = undefined;
  return true;
}
