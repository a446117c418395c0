/**
 * How many rows the planner expects. Numbers of TiDB: `planner/core/stats.go`,
 * `statistics/selectivity.go`.
 */
import type { ColumnInfo, TableInfo } from '../catalog.ts';
import type { TableFacts } from './scope.ts';

/** Rows a table is taken to have until anything is known of it. Source: `PseudoTable`. */
const PSEUDO_ROWS = 10_000;
/** One row in so many has a given value, until a table is analyzed. */
const PSEUDO_EQUAL = 1000;
/** One row in so many lies beyond a given value. */
const PSEUDO_LESS = 3;
/** One row in so many lies between two. */
const PSEUDO_BETWEEN = 40;
/** Of rows, so many values are different. */
const DISTINCT_PART = 0.8;
/** What a condition of which nothing is known lets pass. */
export const SELECTION_PART = 0.8;

/** What a plan's estimates of one table rest on. */
export class TableEstimate {
  readonly rows: number;
  /** Never analyzed: `stats:pseudo`. */
  readonly pseudo: boolean;
  private readonly table: TableInfo;
  private readonly facts: TableFacts;

  constructor(table: TableInfo, facts: TableFacts) {
    this.table = table;
    this.facts = facts;
    this.rows = facts.rows(table.id) ?? PSEUDO_ROWS;
    this.pseudo = facts.analyzedAt(table.id) === undefined;
  }

  /** Different values of a column. */
  distinct(offset: number): number {
    if (this.isUnique([offset])) return this.rows;
    return this.facts.distinct(this.table.id, offset) ?? this.rows * DISTINCT_PART;
  }

  /** Whether some columns together identify a row. */
  isUnique(offsets: readonly number[]): boolean {
    const { clustered, handle, indexes } = this.table;
    const covers = (key: readonly number[]): boolean => key.every((at) => offsets.includes(at));
    if (clustered && covers(handle)) return true;
    return indexes.some(({ unique, columns }) => unique && covers(columns));
  }

  /** The part of the rows for which a column has one of `values` values. */
  equalPart(offset: number, values: number): number {
    const known = this.facts.distinct(this.table.id, offset);
    if (known !== undefined) return Math.min(1, values / Math.max(1, known));
    if (this.isUnique([offset])) return Math.min(1, values / Math.max(1, this.rows));
    return Math.min(1, values / PSEUDO_EQUAL);
  }

  /** The part for which it lies between limits. */
  rangePart(hasLow: boolean, hasHigh: boolean): number {
    return hasLow && hasHigh ? 1 / PSEUDO_BETWEEN : 1 / PSEUDO_LESS;
  }

  /** Whether a column can be NULL. */
  nullable(offset: number): boolean {
    return (this.table.columns[offset] as ColumnInfo).nullable;
  }
}

/** Groups of rows by some keys: as many as the key with most values has. */
export function groupEstimate(rows: number, distinct: readonly number[]): number {
  if (distinct.length === 0) return 1;
  return Math.max(1, Math.min(rows, Math.max(...distinct)));
}

/** Different values of any other expression. */
export function distinctOf(rows: number): number {
  return Math.max(1, rows * DISTINCT_PART);
}

/**
 * Rows of a join on equal values; without any every row meets every row. Of several keys the one
 * with most values counts.
 */
export function joinEstimate(
  rows: readonly [left: number, right: number],
  distinct: readonly (readonly [left: number, right: number])[],
): number {
  const [left, right] = rows;
  return (left * right) / Math.max(1, ...distinct.flat());
}
