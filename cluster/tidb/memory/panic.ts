import type { Bugs } from '../../bugs.ts';
import { SqlError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Profile } from '../../profiles.ts';
import type { MemoryAction } from './action.ts';
import type { RecoverSite } from './recover-sites.ts';
import { type Frame, formatStack, GO_EXIT, GO_PANIC, sourceOf } from './stack.ts';

/**
 * What a quota throws at whoever consumes: the value of a Go panic. Nobody but a recover site may
 * catch it, log it, and hand its error on. Not an `Error`: the stack that matters is that of the
 * simulated node.
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

/** An error that knows where it was made: what the log shows after its text. */
export class TracedError extends SqlError {
  readonly trace: string;

  constructor(error: SqlError, trace: string) {
    super(error.code, error.message, error.sqlState);
    this.trace = trace;
  }
}

/** The error that a caught value stands for, for where no panic can be recovered. */
export function errorOf(caught: unknown): unknown {
  return caught instanceof QuotaPanic ? caught.error : caught;
}

/** What a recover site needs of the statement. */
export interface RecoverContext {
  readonly profile: Profile;
  readonly log: Log;
  readonly bugs: Bugs;
  /** The statement's text. */
  readonly sql: string;
  /** Tells those who watch that a worker ended by a panic; `message` is that of the site. */
  panicked(message: string): void;
}

/**
 * Recovers from a quota's panic: writes the line of the site and gives the error to go on with.
 * What is no panic is given back as it is. `path` are the calls from the one that consumed up to
 * where the goroutine began.
 *
 * From v7.6 on the error has a type of its own that survives recovery, and the session was marked
 * as killed: nothing panicked that was not meant to. TiDB logs those all the same; here they are
 * not, so that a panic in the log of a new version is always worth a look.
 */
export function recoverPanic(
  caught: unknown,
  site: RecoverSite,
  context: RecoverContext,
  path: readonly Frame[],
): unknown {
  if (!(caught instanceof QuotaPanic)) return caught;
  const { profile, log, bugs } = context;
  const { error } = caught;
  if (bugs.has('mem.cancelUntyped')) return new SqlError(1105, error.message);
  const quiet = profile.memory.quotaError === 'typed';
  if (quiet && !bugs.has('mem.cancelLoggedAsPanic')) return error;
  const below = [GO_PANIC, ...caught.actions.map(({ frame }) => frame), ...CONSUME, ...path];
  const stack = formatStack(profile, [site.frame, ...below]);
  context.panicked(site.message);
  const made = { ...site.frame, line: site.errorLine };
  const trace = formatStack(profile, [made, ...below, GO_EXIT]);
  log('ERROR', sourceOf(profile, site.file, site.line), site.message, [
    ...shown(site, error, trace, context.sql),
    [site.stackField, stack],
  ]);
  return new TracedError(error, trace);
}

const CONSUME: readonly Frame[] = [
  { package: 'util/memory', method: '(*Tracker).Consume.func1', file: 'tracker.go', line: 336 },
  { package: 'util/memory', method: '(*Tracker).Consume', file: 'tracker.go', line: 344 },
];

function shown(
  { shows }: RecoverSite,
  { message }: SqlError,
  trace: string,
  sql: string,
): [string, string][] {
  if (shows === 'sql') return [['sql', sql]];
  // `zap.Reflect` writes JSON, `zap.Error` the text and, verbosely, where it was made.
  if (shows === 'r') return [['r', JSON.stringify(message)]];
  return [
    ['error', message],
    ['errorVerbose', `${message}\n${trace}`],
  ];
}
