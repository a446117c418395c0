import { formatGoDuration } from './explain-duration.ts';
import type { RuntimeDetail } from './runtime-stats.ts';

/**
 * What a parallel HashAgg adds to EXPLAIN ANALYZE; all times are virtual and in µs. Source: TiDB
 * `executor/aggregate.go`, `HashAggRuntimeStats`.
 */
export class HashAggStats implements RuntimeDetail {
  readonly partial: WorkerStats;
  readonly final: WorkerStats;

  /** @param concurrency how many partial, and how many final workers there are */
  constructor(concurrency: number) {
    this.partial = new WorkerStats(concurrency);
    this.final = new WorkerStats(concurrency);
  }

  toString(): string {
    return `partial_worker:{${this.partial}}, final_worker:{${this.final}}`;
  }
}

/** Workers of one kind: all live as long as their phase, and wait while they do not work. */
class WorkerStats {
  private wallUs = 0;
  private tasks = 0;
  private execUs = 0;
  private readonly concurrency: number;

  constructor(concurrency: number) {
    this.concurrency = concurrency;
  }

  /** The phase went on for so long. */
  passed(us: number): void {
    this.wallUs += us;
  }

  /** Workers did so many tasks, in so much time altogether. */
  worked(tasks: number, us: number): void {
    this.tasks += tasks;
    this.execUs += us;
  }

  toString(): string {
    const { wallUs, tasks, execUs, concurrency } = this;
    const duration = (us: number): string => formatGoDuration(us * 1000);
    const all = concurrency * wallUs;
    return [
      `wall_time:${duration(wallUs)}`,
      `concurrency:${concurrency}`,
      `task_num:${tasks}`,
      `tot_wait:${duration(Math.max(0, all - execUs))}`,
      `tot_exec:${duration(execUs)}`,
      `tot_time:${duration(all)}`,
      `max:${duration(wallUs)}`,
      `p95:${duration(wallUs)}`,
    ].join(', ');
  }
}
