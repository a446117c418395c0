/**
 * The history of a run: what was asked of the database and what became of it, in order of virtual
 * time. It is all a checker sees. Words are Jepsen's: an operation is invoked by a process and
 * completes as `ok`, `fail` (surely not applied) or `info` (nobody can know).
 */

/** One completed operation. */
export interface Op {
  /** Position in the history, from 0; completions are in order of `completedAtUs`. */
  readonly index: number;
  /** Client number; a process that met `info` is retired and replaced by a new number. */
  readonly process: number;
  /** What was asked: `transfer`, `verify`, `read`, … */
  readonly f: string;
  readonly outcome: 'ok' | 'fail' | 'info';
  /** Operation-specific value; plain JSON data. Integers beyond 2^53 are decimal strings. */
  readonly value: unknown;
  /** Virtual time in µs. */
  readonly invokedAtUs: number;
  readonly completedAtUs: number;
  /** Error code and text for `fail` and `info`, e.g. `1213 Deadlock found …`. */
  readonly error?: string;
}

/** Something a history can be recorded into; the runner streams it to disk, tests keep it. */
export interface HistorySink {
  record(op: Omit<Op, 'index'>): void;
}
