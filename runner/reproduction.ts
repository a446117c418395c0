import type { LineRun } from './memory-lines.ts';
import type { RunSummary } from './report.ts';

/** What came of a reproduction: one JSON value that its renderings start from. */

/** How one column ended. */
export interface ColumnResult {
  readonly title: string;
  /** How it must end for the issue to count as reproduced. */
  readonly expected: 'invalid' | 'valid';
  /** Absent if the worker gave no answer; `trouble` then says why. */
  readonly summary?: RunSummary;
  readonly trouble: string;
  /** The first breach in a TiDB node's log; empty if there was none. */
  readonly lines: readonly LineRun[];
  readonly command: string;
}

/** Lines of the issue's log, and whether the first column has them, too, in this order. */
export interface IssueLine extends Omit<LineRun, 'first'> {
  readonly found: boolean;
}

/** What came of it. */
export interface Reproduction {
  readonly schema: 'wavetank.reproduce/1';
  readonly seed: string;
  readonly issue: string;
  /** The log in the issue, as runs of lines. */
  readonly issueLog: readonly IssueLine[];
  readonly columns: readonly ColumnResult[];
  /** Every column ended as it must, and the first one's log has the lines of the issue in order. */
  readonly reproduced: boolean;
  /** What is missing. */
  readonly differences: readonly string[];
}
