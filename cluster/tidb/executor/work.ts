import type { Wait } from '../../sim/index.ts';
import type { StatementContext } from './context.ts';

/** Work of less than this is not worth an event of its own. */
export const LEAST_CHARGE_US = 50;

/**
 * Pays for work on so many rows that an operator has done; what is too little to be paid by itself
 * is left for the next time. Throws what KILL has to say.
 */
export function* chargeWork(ctx: StatementContext, rows: number): Wait<void> {
  const { error } = ctx.session.interruption;
  if (error !== undefined) throw error;
  ctx.unpaidUs += rows * ctx.costs.executorRowUs;
  const us = Math.round(ctx.unpaidUs);
  if (us < LEAST_CHARGE_US) return;
  ctx.unpaidUs = 0;
  yield* ctx.cpu.run(us);
}
