/**
 * What a coprocessor request asks for beyond the rows themselves.
 *
 * A real TiKV gets a list of executors and their expressions as protobuf and interprets them. Here
 * the request carries an object that can already do the work: TiDB compiles its plan to closures
 * over typed columns, and a store runs them without knowing what they compute. So one evaluator
 * serves both kinds of node, as TiDB and TiKV promise of their two, and stores import nothing of
 * TiDB: the interface is theirs, the code behind it comes with the message, as the protobuf does.
 *
 * What makes this honest is that a program is *pure*: it sees the columns of the rows it is given
 * and the constants it was compiled with, nothing of the session and nothing of the store. Each
 * run starts anew, because a request may be repeated, and on another store.
 */
import type { Column } from '../column.ts';

/** A selection, a partial aggregation, a TopN or a limit, in the order in which they run. */
export interface CopProgram {
  /** Executors above the scan: each costs time for every row that it takes in. */
  readonly executors: number;
  /** Begins with the rows of one request. */
  start(): CopRun;
}

/** A warning of an expression: MySQL's code and text. */
export interface CopWarning {
  readonly code: number;
  readonly message: string;
}

/** One executor's part in a request. Source: tipb `ExecutorExecutionSummary`. */
export interface CopSummary {
  /** Rows that it gave. */
  readonly rows: number;
  /** Batches that it was asked for. */
  readonly iterations: number;
}

/** What a run came to. */
export interface CopResult {
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly warnings: readonly CopWarning[];
  /** One for each executor above the scan, the lowest first. */
  readonly summaries: readonly CopSummary[];
  /** Rows that the executors above the scan took in, all together. */
  readonly work: number;
}

/** A program at work on one request. May throw `SqlError`, which becomes the answer. */
export interface CopRun {
  /** Rows of the result that are settled: what a page is measured by. */
  readonly produced: number;
  /**
   * Takes rows in, in the order of the scan; the columns are lent for the call. False: no further
   * row can matter.
   */
  process(columns: readonly Column[], rows: number): boolean;
  /** The result of all that was taken in; the columns belong to whoever asks. */
  finish(): CopResult;
}
