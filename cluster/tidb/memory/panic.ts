import type { SqlError } from '../../errors.ts';
import type { MemoryAction } from './action.ts';

/**
 * What PanicOnExceed throws: the value of a Go panic. Nobody but a recover site may catch it, log
 * it, and hand on its error. Not an `Error`: the stack that matters is that of the simulated node.
 */
export class QuotaPanic {
  readonly error: SqlError;
  /** Actions that were walked, innermost first. */
  readonly actions: readonly MemoryAction[];

  constructor(error: SqlError, actions: readonly MemoryAction[]) {
    this.error = error;
    this.actions = actions;
  }
}

/** The error that a caught value stands for: what goes to the client. */
export function errorOf(caught: unknown): unknown {
  return caught instanceof QuotaPanic ? caught.error : caught;
}
