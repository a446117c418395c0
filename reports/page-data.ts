import type { Op } from '../checker/history.ts';
import type { FaultRecord } from '../nemesis/fault.ts';
import type { KeyOperation, OperationSeries, RunReport, Violation } from '../runner/report.ts';
import { rowsToKeep, type TimeWindow } from './downsample.ts';

/**
 * What travels inside the HTML file: the run report, cut to a size a browser opens at once. Series
 * are thinned above {@link ROW_LIMIT} rows and stored as differences; long texts are cut with a
 * word about how much is missing; the stretch around the first violation stays whole.
 */
export interface PageData {
  readonly report: Omit<RunReport, 'series' | 'keyOperations'>;
  readonly operations: readonly PageSeries[];
  readonly keyOperations: readonly PageOperation[];
}

/** What is drawn behind every chart: when faults were, and when the first bad thing was seen. */
export interface Backdrop {
  readonly faults: readonly Pick<FaultRecord, 'atUs' | 'untilUs' | 'tookEffect'>[];
  readonly firstViolation?: Pick<Violation, 'atUs'>;
}

/** One kind of operation over time; arrays of one length. */
export interface PageSeries {
  readonly f: string;
  readonly bucketUs: number;
  /**
   * Number of the bucket of each row, as differences: the first from 0, each other from the last.
   */
  readonly bucketDeltas: readonly number[];
  /** Operations per second of virtual time. */
  readonly ok: readonly number[];
  readonly fail: readonly number[];
  readonly info: readonly number[];
  /** Latency of the `ok` operations in µs; null in a bucket without any. */
  readonly p50Us: readonly (number | null)[];
  readonly p99Us: readonly (number | null)[];
  readonly maxUs: readonly (number | null)[];
  /** Buckets before thinning; equal to the number of rows if none was left out. */
  readonly bucketsMeasured: number;
}

/** An operation a person should look at, its value already as text. */
export interface PageOperation extends Omit<Op, 'value'> {
  readonly value: string;
  readonly why: string;
}

/** Rows of a series outside the kept window. At 1 s a bucket more than two hours stay whole. */
export const ROW_LIMIT = 8_000;
/** What is kept whole on each side of the violation's log window. */
const KEEP_AROUND_US = 60_000_000;
/** Longest log line and operation value shown, in characters. */
const TEXT_LIMIT = 4_000;

/** The page's data of a run. */
export function toPageData(report: RunReport): PageData {
  const { series, keyOperations, ...rest } = report;
  const keep = keptWindow(report.firstViolation);
  const violation = report.firstViolation;
  return {
    report: violation === undefined ? rest : { ...rest, firstViolation: cutLogs(violation) },
    operations: series.operations.map((one) => thin(one, series.bucketUs, keep)),
    keyOperations: keyOperations.map(pageOperation),
  };
}

/** The buckets of a series again, from their differences. */
export function bucketNumbers(deltas: readonly number[]): number[] {
  let bucket = 0;
  return deltas.map((delta) => {
    bucket += delta;
    return bucket;
  });
}

function keptWindow(violation: Violation | undefined): TimeWindow | undefined {
  if (violation === undefined) return undefined;
  return {
    fromUs: violation.fromUs - KEEP_AROUND_US,
    toUs: violation.untilUs + KEEP_AROUND_US,
  };
}

function thin(series: OperationSeries, bucketUs: number, keep?: TimeWindow): PageSeries {
  const buckets = series.ok.length;
  const atUs = Array.from({ length: buckets }, (_, bucket) => bucket * bucketUs);
  const { ok, fail, info, p50Us, p99Us, maxUs } = series;
  const columns = [ok, fail, info, p50Us, p99Us, maxUs];
  const rows = rowsToKeep({ atUs, columns }, ROW_LIMIT, keep);
  const rate = (counts: readonly number[]): number[] =>
    rows.map((row) => perSecond(counts[row] ?? 0, bucketUs));
  const pick = (column: readonly (number | null)[]): (number | null)[] =>
    rows.map((row) => column[row] ?? null);
  return {
    f: series.f,
    bucketUs,
    bucketDeltas: rows.map((row, i) => row - (rows[i - 1] ?? 0)),
    ok: rate(ok),
    fail: rate(fail),
    info: rate(info),
    p50Us: pick(p50Us),
    p99Us: pick(p99Us),
    maxUs: pick(maxUs),
    bucketsMeasured: buckets,
  };
}

/** To a thousandth: more digits than a chart has pixels, and far fewer than a double prints. */
function perSecond(count: number, bucketUs: number): number {
  return Math.round((count * 1e9) / bucketUs) / 1000;
}

function cutLogs(violation: Violation): Violation {
  return {
    ...violation,
    logs: violation.logs.map((log) => ({ ...log, line: cut(log.line) })),
  };
}

function pageOperation({ op, why }: KeyOperation): PageOperation {
  return { ...op, value: cut(JSON.stringify(op.value) ?? ''), why };
}

function cut(text: string): string {
  if (text.length <= TEXT_LIMIT) return text;
  const missing = text.length - TEXT_LIMIT;
  return `${text.slice(0, TEXT_LIMIT)}… (${missing} more characters in the run folder)`;
}
