/**
 * What a reader lets the stores do. The planner decides it, the reader's `ReaderOptions.pushed`
 * carries it, `cop-program.ts` makes it into what travels in a request.
 *
 * ```
 *   scan ── selection ── one of: partial aggregation, TopN, limit
 * ```
 *
 * Every expression speaks of the reader's columns: column `i` is `ReaderOptions.positions[i]`. It
 * must be pure: no subquery, no user variable, no function with a side effect; literals, parameters
 * and columns of an outer row are constants while a reader is open, and may occur.
 *
 * What the reader gives, and what is left for the operator above it:
 *
 * - selection: rows that fulfil its conditions; nothing.
 * - `hash-agg`, `stream-agg`: for each region and group the keys, then the columns of
 *   `partialTypes` of each aggregate; an aggregation by columns `0 … keys-1` with
 *   `finalAggregate`, which merges.
 * - `top-n`: the first `offset + count` rows of each region; the same TopN.
 * - `limit`: at most `offset + count` rows of each region; the same Limit.
 *
 * `stream-agg` demands that the keys are a prefix of the scan's order; its groups come in that
 * order, and with `keepOrder` all regions' do. An aggregation without keys is a `stream-agg` too:
 * one row for each region that has any row, and none otherwise. Source: TiDB
 * `planner/core/task.go` (`attach2Task` of each operator), tipb `Executor`.
 */
import type { Aggregate } from './aggregate.ts';
import type { Compiled } from './context.ts';
import type { RowWindow } from './limit.ts';
import type { SortKey } from './order.ts';

/** What EXPLAIN shows of an executor that stores run. */
interface CopExecutor {
  /** `operator info`. */
  readonly info: string;
  /** How many rows it is expected to give, of all regions together. */
  readonly estimate: number;
}

/** Lets pass the rows for which every condition is true. */
export interface CopSelection extends CopExecutor {
  readonly conditions: readonly Compiled[];
}

/** A partial aggregation; no aggregate may be DISTINCT, and GROUP_CONCAT has no partial form. */
export interface CopAggregation extends CopExecutor {
  readonly kind: 'hash-agg' | 'stream-agg';
  readonly keys: readonly Compiled[];
  readonly aggregates: readonly Aggregate[];
}

/** The first rows of an order. */
export interface CopTopN extends CopExecutor {
  readonly kind: 'top-n';
  readonly keys: readonly SortKey[];
  readonly window: RowWindow;
}

/** The first rows of the scan. */
export interface CopLimit extends CopExecutor {
  readonly kind: 'limit';
  readonly window: RowWindow;
}

/** See above. */
export interface CopPlan {
  readonly selection: CopSelection | undefined;
  readonly top: CopAggregation | CopTopN | CopLimit | undefined;
}
