/** What one consumed answer of the coprocessor cost. */
export interface CopTaskDetails {
  /** How long the reader waited for it. */
  readonly copUs: number;
  /** What the store says of its own work, and of how long the request waited for it. */
  readonly processUs: number;
  readonly waitUs: number;
  /** Slept between attempts. */
  readonly backoffUs: number;
  /** Versions looked at, and those of them that were visible. */
  readonly totalKeys: number;
  readonly processKeys: number;
  readonly address: string;
}

/** The slowest, the mean and the ninth tenth of some times. */
export interface TimesSummary {
  readonly avgUs: number;
  readonly p90Us: number;
  readonly maxUs: number;
  readonly maxAddress: string;
}

/**
 * What a statement's reads have cost so far: one entry for each answer that was taken in. Source:
 * TiDB `util/execdetails`.
 */
export class ExecDetails {
  copUs = 0;
  processUs = 0;
  waitUs = 0;
  backoffUs = 0;
  totalKeys = 0;
  processKeys = 0;
  /** Requests that were answered and consumed. */
  requestCount = 0;
  private readonly tasks: CopTaskDetails[] = [];

  get numCopTasks(): number {
    return this.tasks.length;
  }

  /** An answer was taken in. */
  add(task: CopTaskDetails): void {
    this.tasks.push(task);
    this.requestCount++;
    this.copUs += task.copUs;
    this.processUs += task.processUs;
    this.waitUs += task.waitUs;
    this.backoffUs += task.backoffUs;
    this.totalKeys += task.totalKeys;
    this.processKeys += task.processKeys;
  }

  /** How the stores' work was spread over the tasks; there must be one. */
  processTimes(): TimesSummary {
    return summary(this.tasks, ({ processUs }) => processUs);
  }

  /** The same of waiting. */
  waitTimes(): TimesSummary {
    return summary(this.tasks, ({ waitUs }) => waitUs);
  }
}

function summary(
  tasks: readonly CopTaskDetails[],
  timeOf: (task: CopTaskDetails) => number,
): TimesSummary {
  const sorted = [...tasks].sort((a, b) => timeOf(a) - timeOf(b));
  const n = sorted.length;
  const last = sorted[n - 1] as CopTaskDetails;
  return {
    avgUs: sorted.reduce((sum, task) => sum + timeOf(task), 0) / n,
    p90Us: timeOf(sorted[Math.floor((n * 9) / 10)] as CopTaskDetails),
    maxUs: timeOf(last),
    maxAddress: last.address,
  };
}
