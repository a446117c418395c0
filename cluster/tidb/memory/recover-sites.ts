import type { Frame } from './stack.ts';

/**
 * Where goroutines of TiDB recover from a panic, and what each says in the log. Whatever a site
 * recovers from goes on as an ordinary error.
 */
export interface RecoverSite {
  readonly message: string;
  /** Where the line is written. */
  readonly file: string;
  readonly line: number | undefined;
  /** What the line holds beside the stack: the panic's value, the error made from it, the text. */
  readonly shows: 'r' | 'error' | 'sql';
  /** Name of the field with the stack. */
  readonly stackField: 'stack' | 'stack trace';
  /** The deferred function that recovers. */
  readonly frame: Frame;
  /** The line of it that makes an error of the panic. */
  readonly errorLine: number | undefined;
}

/** A worker of the coprocessor client. */
export const COP_WORKER: RecoverSite = {
  message: 'copIteratorWork meet panic',
  file: 'coprocessor.go',
  line: 660,
  shows: 'r',
  stackField: 'stack trace',
  frame: {
    package: 'store/copr',
    method: '(*copIteratorWorker).handleTask.func1',
    file: 'coprocessor.go',
    line: 662,
  },
  errorLine: 663,
};

/** Any worker of a parallel HashAgg. */
export const HASH_AGG_WORKER: RecoverSite = {
  message: 'parallel hash aggregation panicked',
  file: 'aggregate.go',
  line: undefined,
  shows: 'error',
  stackField: 'stack',
  frame: { package: 'executor', method: 'recoveryHashAgg', file: 'aggregate.go', line: undefined },
  errorLine: undefined,
};

/** The goroutines of HashJoin that fetch, build and probe. */
export const RECOVERABLE_GOROUTINE: RecoverSite = {
  message: 'panic in the recoverable goroutine',
  file: 'misc.go',
  line: 95,
  shows: 'r',
  stackField: 'stack trace',
  frame: { package: 'util', method: 'WithRecovery.func1', file: 'misc.go', line: undefined },
  errorLine: undefined,
};

/** The goroutine of the connection, while it asks for rows. */
export const RECORD_SET_NEXT: RecoverSite = {
  message: 'execute sql panic',
  file: 'adapter.go',
  line: undefined,
  shows: 'sql',
  stackField: 'stack',
  frame: {
    package: 'executor',
    method: '(*recordSet).Next.func1',
    file: 'adapter.go',
    line: undefined,
  },
  errorLine: undefined,
};

/** The goroutine of the connection, while it runs a statement without rows. */
export const EXEC_STATEMENT: RecoverSite = {
  ...RECORD_SET_NEXT,
  line: undefined,
  frame: {
    package: 'executor',
    method: '(*ExecStmt).Exec.func1',
    file: 'adapter.go',
    line: undefined,
  },
  errorLine: undefined,
};
