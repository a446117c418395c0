import type { Bugs } from '../../bugs.ts';
import type { Costs } from '../../costs.ts';
import type { Datum } from '../../datum.ts';
import { Dictionary } from '../../dictionary.ts';
import type { Cpu, Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { StatementMemory } from '../memory/statement-memory.ts';
import type { LiteralValue } from '../sql/ast.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { Interruption, Transaction } from '../transaction.ts';
import type { RecursiveCte } from './cte.ts';
import type { CteRun } from './cte-run.ts';
import type { Executor } from './plan.ts';
import type { RuntimeStats } from './runtime-stats.ts';
import type { ShuffleReceiver } from './shuffle.ts';
import type { Naps } from './sleep.ts';
import type { Value } from './value.ts';

/** What the functions of SQL may ask of the session they run in. */
export interface SessionView {
  readonly connectionId: number;
  readonly database: string;
  /** Node-wide source of row ids and AUTO_INCREMENT values. */
  nextIds(tableId: number, count: number): Wait<number>;
  /** A table's next generated values lie above `value` from now on. */
  reserveIds(tableId: number, value: number | bigint): void;
  userVariable(name: string): { readonly value: Value; readonly type: SqlType } | undefined;
  setUserVariable(name: string, value: Value, type: SqlType): void;
  /** Throws 1193. */
  systemVariable(name: string, global: boolean): { readonly value: Value; readonly type: SqlType };
  readonly lastInsertId: number | bigint;
  /** A transaction is open: the statement is not one by itself. */
  readonly inTransaction: boolean;
  /** What KILL has to say to the statement that runs. */
  readonly interruption: Interruption;
}

/** One line of SHOW WARNINGS. */
export interface Warning {
  readonly level: 'Note' | 'Warning' | 'Error';
  readonly code: number;
  readonly message: string;
}

/** SHOW WARNINGS keeps so many. */
const MAX_WARNINGS = 64;

/** The result of a subquery: of the whole statement's, or of the row it is run for. */
export interface SubqueryResult {
  readonly types: readonly SqlType[];
  readonly rows: readonly (readonly Value[])[];
}

/** What a statement runs with; one for every attempt to run it. */
export interface ContextOptions {
  readonly session: SessionView;
  readonly cpu: Cpu;
  readonly costs: Costs;
  readonly bugs: Bugs;
  readonly literals: readonly LiteralValue[];
  readonly params: readonly Datum[];
  /** NOW(): µs since 1970. */
  readonly nowUs: number;
  readonly warnings: Warning[];
  readonly memory: StatementMemory;
}

/** All that the operators of one statement share while it runs. Source: TiDB `StatementContext`. */
export class StatementContext {
  readonly session: SessionView;
  readonly cpu: Cpu;
  readonly costs: Costs;
  readonly bugs: Bugs;
  readonly literals: readonly LiteralValue[];
  readonly params: readonly Datum[];
  readonly nowUs: number;
  readonly warnings: Warning[];
  /** What the statement holds: the trackers its operators charge, its actions, its files. */
  readonly memory: StatementMemory;
  /** Rows changed so far. */
  affectedRows = 0;
  /** First AUTO_INCREMENT value this statement generated. */
  generatedId: number | bigint = 0;
  /** Results of subqueries by their number in the plan. */
  readonly subqueries: SubqueryResult[] = [];
  /** Columns of surrounding queries as the subqueries being run see them, by slot. */
  readonly correlated: Value[] = [];
  /** Row that VALUES(column) of ON DUPLICATE KEY UPDATE speaks of. */
  inserted: readonly Value[] = [];
  /** Set while EXPLAIN ANALYZE wants to know what operators do. */
  runtime: RuntimeStats | undefined = undefined;
  /** Rows that this statement's readers took in. */
  rowsRead = 0;
  /** Snapshot that readers use. */
  readTs = 0;
  /** Set while something is computed again after a SLEEP. */
  naps: Naps | undefined = undefined;
  /** Work done and not paid for yet, µs. */
  unpaidUs = 0;
  /** What FOR UPDATE and changes of rows lock with. */
  forUpdateTs = 0;
  /** How long to wait for a lock, µs. */
  lockWaitUs = 0;
  /** This is not the first attempt. */
  retry = false;
  /** A value that does not fit is an error, not a warning: changes of rows, unless IGNORE. */
  strict = false;
  private transaction: Transaction | undefined = undefined;
  private strings: Dictionary | undefined = undefined;
  private tables: Map<RecursiveCte, CteRun> | undefined = undefined;
  private workers: Map<ShuffleReceiver, Executor> | undefined = undefined;

  constructor(options: ContextOptions) {
    this.session = options.session;
    this.cpu = options.cpu;
    this.costs = options.costs;
    this.bugs = options.bugs;
    this.literals = options.literals;
    this.params = options.params;
    this.nowUs = options.nowUs;
    this.warnings = options.warnings;
    this.memory = options.memory;
  }

  /** The transaction; a statement that reads or writes tables is never run without one. */
  get txn(): Transaction {
    if (this.transaction === undefined)
      throw new Error('this statement runs without a transaction');
    return this.transaction;
  }

  /** Whether it has to do with tables: all others run without a transaction. */
  get readsTables(): boolean {
    return this.transaction !== undefined;
  }

  /** Puts the statement into a transaction. */
  enter(txn: Transaction, readTs: number): void {
    this.transaction = txn;
    this.readTs = readTs;
    this.forUpdateTs = readTs;
  }

  /** Strings that this statement makes up; forgotten with it, unlike those of the cluster. */
  get scratch(): Dictionary {
    this.strings ??= new Dictionary();
    return this.strings;
  }

  /** Recursive common table expressions that somebody reads. */
  get commonTables(): Map<RecursiveCte, CteRun> {
    this.tables ??= new Map();
    return this.tables;
  }

  /** Rows for the worker of a Shuffle that is being opened. */
  get shares(): Map<ShuffleReceiver, Executor> {
    this.workers ??= new Map();
    return this.workers;
  }

  warn(code: number, message: string, level: Warning['level'] = 'Warning'): void {
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push({ level, code, message });
  }
}

/** Computes an expression for one row of a chunk. */
export type Evaluate = (ctx: StatementContext, chunk: Chunk, row: number) => Value;

/** An expression made ready to run. */
export interface Compiled {
  readonly type: SqlType;
  readonly evaluate: Evaluate;
  /** Column of the chunk that this merely repeats. */
  readonly column: number | undefined;
  /** Does not look at the row. */
  readonly constant: boolean;
  /** The integer this is in every execution: a literal that the statement's shape holds. */
  readonly literal?: number | bigint;
}

/** A chunk without columns: the row that constants are computed on. */
export const NO_ROW: Chunk = { columns: [], length: 1 };

/** The value of a constant. */
export function constantValue(compiled: Compiled, ctx: StatementContext): Value {
  return compiled.evaluate(ctx, NO_ROW, 0);
}
