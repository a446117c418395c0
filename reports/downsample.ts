/**
 * Thinning of a time series that keeps what a person looks for.
 *
 * Rows are chosen, never averaged: each row shown was measured. A run of neighbouring rows is
 * replaced by its first row and, for each column, the row with its lowest and its highest value, so
 * every spike and every stall survives at any zoom. Rows inside the kept window (around the first
 * violation) all stay. The idea is M4's (Jugel et al., VLDB 2014), applied to several columns that
 * share one time axis.
 */

/** One column of measurements; null where nothing was measured. */
export type Column = readonly (number | null)[];

/** Columns over one ascending time axis; all of one length. */
export interface Series {
  /** Virtual time in µs. */
  readonly atUs: readonly number[];
  readonly columns: readonly Column[];
}

/** A stretch of virtual time in µs, both ends included. */
export interface TimeWindow {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * The indices to keep, ascending: at most about `limit` outside `keep`, and all of those inside.
 * A series that is short enough is kept whole.
 */
export function rowsToKeep(series: Series, limit: number, keep?: TimeWindow): number[] {
  const rows = series.atUs.length;
  if (rows <= limit) return Array.from({ length: rows }, (_, row) => row);
  const perBucket = 1 + 2 * series.columns.length;
  const buckets = Math.max(1, Math.floor(limit / perBucket));
  const size = Math.ceil(rows / buckets);
  const chosen = new Set<number>();
  for (let start = 0; start < rows; start += size) {
    chooseExtremes(series, start, Math.min(rows, start + size), chosen);
  }
  chosen.add(rows - 1);
  if (keep !== undefined) chooseWindow(series.atUs, keep, chosen);
  return [...chosen].sort((a, b) => a - b);
}

/** The series with only the rows `rowsToKeep` names. */
export function downsample(series: Series, limit: number, keep?: TimeWindow): Series {
  const rows = rowsToKeep(series, limit, keep);
  return {
    atUs: rows.map((row) => series.atUs[row] as number),
    columns: series.columns.map((column) => rows.map((row) => column[row] ?? null)),
  };
}

function chooseExtremes(series: Series, start: number, end: number, chosen: Set<number>): void {
  chosen.add(start);
  for (const column of series.columns) {
    let low = -1;
    let high = -1;
    for (let row = start; row < end; row++) {
      const value = column[row] ?? null;
      if (value === null) continue;
      if (low < 0 || value < (column[low] as number)) low = row;
      if (high < 0 || value > (column[high] as number)) high = row;
    }
    if (low >= 0) chosen.add(low).add(high);
  }
}

function chooseWindow(atUs: readonly number[], keep: TimeWindow, chosen: Set<number>): void {
  for (let row = 0; row < atUs.length; row++) {
    const at = atUs[row] as number;
    if (at >= keep.fromUs && at <= keep.toUs) chosen.add(row);
  }
}
