import type { Value } from './value.ts';

/** A window function going over one partition, row by row. */
export interface WindowState {
  /**
   * Its value in a row, whose frame are the rows `[start, end)`. Rows are asked for one after the
   * other; frames only move on.
   */
  valueAt(row: number, start: number, end: number): Value;
}
