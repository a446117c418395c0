import { type Bugs, NO_BUGS } from '../bugs.ts';
import type { Modify } from './engine.ts';
import type { Lock } from './records.ts';
import type { KeyError } from './request.ts';

/** What the commands take beside reader and request. */
export interface Rules {
  /** Seeded defects; empty outside mutant runs. */
  readonly bugs: Bugs;
}

/** Percolator without defects. */
export const SOUND: Rules = { bugs: NO_BUGS };

/**
 * Outcome of a command that answers only with errors. With an error there are no modifies: a
 * command is applied whole or not at all.
 */
export interface CommandResult {
  readonly modifies: readonly Modify[];
  readonly errors: readonly KeyError[];
}

/** The outcome of a command that may not be applied. */
export function refused(errors: readonly KeyError[]): CommandResult {
  return { modifies: NO_MODIFIES, errors };
}

/** Shared, so that a refusal allocates no list. */
export const NO_MODIFIES: readonly Modify[] = [];
/** Shared, so that a success allocates no list. */
export const NO_ERRORS: readonly KeyError[] = [];
/** Shared, as the others. */
export const NO_LOCKS: readonly Lock[] = [];
