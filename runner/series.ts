import type { Op } from '../checker/history.ts';
import { SECOND_US } from './duration.ts';
import type { OperationSeries, Series } from './report.ts';

/** A chart has no more pixels than this, whatever the run's length. */
const BUCKETS_MAX = 4000;
/** Lengths of bucket a person can read off an axis, in seconds. */
const BUCKET_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

/** The shortest readable bucket that cuts a run of `lengthUs` µs into at most 4,000. */
export function bucketLengthUs(lengthUs: number): number {
  const fits = BUCKET_SECONDS.find((s) => lengthUs / (s * SECOND_US) <= BUCKETS_MAX);
  return (fits ?? 3600) * SECOND_US;
}

type Growing<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** The bucket of one kind of operation that is being filled. */
interface Open {
  readonly columns: Growing<OperationSeries>;
  latenciesUs: number[];
}

/**
 * Throughput and latency over virtual time, collected while the run goes on: memory grows with
 * buckets, not with operations. Operations must come in order of completion.
 */
export class SeriesCollector {
  private readonly bucketUs: number;
  private readonly byKind = new Map<string, Open>();
  private bucket = 0;

  constructor(bucketUs: number) {
    this.bucketUs = bucketUs;
  }

  /** Counts one completed operation. */
  add(op: Pick<Op, 'f' | 'outcome' | 'invokedAtUs' | 'completedAtUs'>): void {
    const bucket = Math.floor(op.completedAtUs / this.bucketUs);
    while (this.bucket < bucket) this.closeBucket();
    const { columns, latenciesUs } = this.kind(op.f);
    columns[op.outcome][this.bucket] = (columns[op.outcome][this.bucket] as number) + 1;
    if (op.outcome === 'ok') latenciesUs.push(op.completedAtUs - op.invokedAtUs);
  }

  /** The series up to virtual time `untilUs`. The collector must not be used after. */
  finish(untilUs: number): Series {
    const last = Math.floor(untilUs / this.bucketUs);
    while (this.bucket <= last) this.closeBucket();
    const operations = [...this.byKind.values()].map(({ columns }) => trimmed(columns, last + 1));
    return { bucketUs: this.bucketUs, operations };
  }

  private kind(f: string): Open {
    let open = this.byKind.get(f);
    if (open === undefined) {
      open = { columns: emptyColumns(f, this.bucket), latenciesUs: [] };
      this.byKind.set(f, open);
    }
    return open;
  }

  private closeBucket(): void {
    for (const open of this.byKind.values()) {
      const { columns, latenciesUs } = open;
      latenciesUs.sort((a, b) => a - b);
      columns.p50Us.push(quantile(latenciesUs, 50));
      columns.p95Us.push(quantile(latenciesUs, 95));
      columns.p99Us.push(quantile(latenciesUs, 99));
      columns.maxUs.push(latenciesUs.at(-1) ?? null);
      open.latenciesUs = [];
      for (const outcome of ['ok', 'fail', 'info'] as const) columns[outcome].push(0);
    }
    this.bucket++;
  }
}

/** The smallest value that at least `percent` of the sorted values do not exceed. */
function quantile(sorted: readonly number[], percent: number): number | null {
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? null;
}

/**
 * Columns of a kind first seen in bucket `bucket`: nothing before it, and the counts of it open.
 */
function emptyColumns(f: string, bucket: number): Growing<OperationSeries> {
  const zeros = (): number[] => new Array<number>(bucket + 1).fill(0);
  const nulls = (): null[] => new Array<null>(bucket).fill(null);
  return {
    f,
    ...{ ok: zeros(), fail: zeros(), info: zeros() },
    ...{ p50Us: nulls(), p95Us: nulls(), p99Us: nulls(), maxUs: nulls() },
  };
}

/** Without the counts of the bucket that was opened after the last. */
function trimmed(columns: Growing<OperationSeries>, length: number): OperationSeries {
  for (const outcome of ['ok', 'fail', 'info'] as const) columns[outcome].length = length;
  return columns;
}
