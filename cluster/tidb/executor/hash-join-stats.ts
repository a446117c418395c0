import { formatRounded } from './explain-duration.ts';
import type { RuntimeDetail } from './runtime-stats.ts';

/**
 * What a hash join adds to EXPLAIN ANALYZE; all times are virtual and in µs. Source: TiDB
 * `executor/join.go`, `hashJoinRuntimeStats`.
 */
export class HashJoinStats implements RuntimeDetail {
  /** From the beginning until the table stood. */
  buildUs = 0;
  /** Of that, waiting for rows. */
  buildFetchUs = 0;
  /** From the beginning until the last probe. */
  probeUs = 0;
  /** Of that, waiting for rows. */
  probeFetchUs = 0;
  /** `tidb_executor_concurrency`. */
  concurrency = 1;

  toString(): string {
    const build = [
      `total:${formatRounded(this.buildUs)}`,
      `fetch:${formatRounded(this.buildFetchUs)}`,
      `build:${formatRounded(this.buildUs - this.buildFetchUs)}`,
    ];
    const probe = [
      `concurrency:${this.concurrency}`,
      `total:${formatRounded(this.probeUs * this.concurrency)}`,
      `max:${formatRounded(this.probeUs)}`,
      `probe:${formatRounded((this.probeUs - this.probeFetchUs) * this.concurrency)}`,
      `fetch:${formatRounded(this.probeFetchUs * this.concurrency)}`,
    ];
    return `build_hash_table:{${build.join(', ')}}, probe:{${probe.join(', ')}}`;
  }
}
