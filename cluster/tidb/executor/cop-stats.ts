import type { CopSummary } from '../../tikv/cop-program.ts';
import type { ResponseDetails } from '../copr/index.ts';
import { formatRounded } from './explain-duration.ts';
import type { RuntimeDetail } from './runtime-stats.ts';

/** What EXPLAIN ANALYZE says of the tasks of a reader. Source: TiDB `selectResultRuntimeStats`. */
export class CopTaskStats implements RuntimeDetail {
  private readonly answers: ResponseDetails[] = [];

  add(details: ResponseDetails): void {
    this.answers.push(details);
  }

  toString(): string {
    const { answers } = this;
    if (answers.length === 0) return '';
    const parts = answers.length === 1 ? this.ofOne() : this.ofMany();
    const total = (of: (answer: ResponseDetails) => number): number =>
      answers.reduce((sum, answer) => sum + of(answer), 0);
    const process = total(({ processUs }) => processUs);
    const wait = total(({ waitUs }) => waitUs);
    if (process > 0) parts.push(`tot_proc: ${formatRounded(process)}`);
    if (wait > 0) parts.push(`tot_wait: ${formatRounded(wait)}`);
    parts.push(
      `rpc_num: ${total(({ rpcs }) => rpcs)}`,
      `rpc_time: ${formatRounded(total(({ respUs }) => respUs))}`,
      // Stores' answers are never kept, so none is ever found again.
      'copr_cache_hit_ratio: 0.00',
    );
    return [`cop_task: {${parts.join(', ')}}`, ...this.backoffs()].join(', ');
  }

  private ofOne(): string[] {
    const [{ respUs, processKeys }] = this.answers as [ResponseDetails];
    return ['num: 1', `max: ${formatRounded(respUs)}`, `proc_keys: ${processKeys}`];
  }

  private ofMany(): string[] {
    const { answers } = this;
    const times = answers.map(({ respUs }) => respUs).sort((a, b) => a - b);
    const keys = answers.map(({ processKeys }) => processKeys).sort((a, b) => a - b);
    const n = answers.length;
    const tenth = Math.floor((n * 19) / 20);
    const avg = Math.round(times.reduce((sum, each) => sum + each, 0) / n);
    return [
      `num: ${n}`,
      `max: ${formatRounded(times[n - 1] as number)}`,
      `min: ${formatRounded(times[0] as number)}`,
      `avg: ${formatRounded(avg)}`,
      `p95: ${formatRounded(times[tenth] as number)}`,
      `max_proc_keys: ${keys[n - 1]}`,
      `p95_proc_keys: ${keys[tenth]}`,
    ];
  }

  /** Kinds in order of name: TiDB prints them in the order of a map, that is in any. */
  private backoffs(): string[] {
    const slept = new Map<string, number>();
    for (const { backoffs } of this.answers) {
      for (const [kind, ms] of backoffs) slept.set(kind, (slept.get(kind) ?? 0) + ms);
    }
    if (slept.size === 0) return [];
    const kinds = [...slept].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      `backoff{${kinds.map(([kind, ms]) => `${kind}: ${formatRounded(ms * 1000)}`).join(', ')}}`,
    ];
  }
}

/** What EXPLAIN ANALYZE says of an executor that stores ran. Source: TiDB `CopRuntimeStats`. */
export class StoreStats implements RuntimeDetail {
  /** Rows it gave, in all tasks. */
  rows = 0;
  private readonly scans: boolean;
  private iterations = 0;
  private readonly timesUs: number[] = [];
  private processKeys = 0;
  private totalKeys = 0;

  /** @param scans whether it is the scan itself, of which more is known */
  constructor(scans: boolean) {
    this.scans = scans;
  }

  add(
    { rows, iterations }: CopSummary,
    { processUs, processKeys, totalKeys }: ResponseDetails,
  ): void {
    this.rows += rows;
    this.iterations += iterations;
    this.timesUs.push(processUs);
    this.processKeys += processKeys;
    this.totalKeys += totalKeys;
  }

  toString(): string {
    const times = [...this.timesUs].sort((a, b) => a - b);
    const n = times.length;
    const at = (part: number): string => formatRounded(times[Math.floor(n * part)] as number);
    const task =
      n === 1
        ? `tikv_task:{time:${at(0)}, loops:${this.iterations}}`
        : `tikv_task:{proc max:${formatRounded(times[n - 1] as number)}, min:${at(0)}, ` +
          `p80:${at(4 / 5)}, p95:${at(19 / 20)}, iters:${this.iterations}, tasks:${n}}`;
    return this.scans ? `${task}, ${this.scanDetail()}` : task;
  }

  /** Without what only RocksDB would know. */
  private scanDetail(): string {
    const { processKeys, totalKeys } = this;
    const keys = `total_process_keys: ${processKeys}, total_keys: ${totalKeys}`;
    return `scan_detail: {${keys}}`;
  }
}
