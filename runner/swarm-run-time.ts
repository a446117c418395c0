import { formatDuration, parseDuration, SECOND_US } from './duration.ts';
import { parseRange } from './range.ts';
import type { Scalar } from './scalar.ts';

/** Run times a swarm draws from, in virtual µs; both ends belong to it. */
export interface RunTimeRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Short runs find as much a second as long ones, and a worker that fails costs little. */
export const SHORT_RUNS: RunTimeRange = { fromUs: 30 * SECOND_US, toUs: 120 * SECOND_US };

/** `30s..5m`, or one duration. */
export const RUN_TIME_RANGE: Scalar<RunTimeRange> = {
  expected: 'a duration such as 5m, or a range such as 30s..5m, of at least 1s',
  parse(text) {
    const range = parseRange(text, parseDuration);
    if (range === undefined) return undefined;
    const [fromUs, toUs] = range;
    return fromUs >= SECOND_US && fromUs <= toUs ? { fromUs, toUs } : undefined;
  },
};

/** The inverse of {@link RUN_TIME_RANGE}. */
export function formatRunTime({ fromUs, toUs }: RunTimeRange): string {
  const from = formatDuration(fromUs);
  return fromUs === toUs ? from : `${from}..${formatDuration(toUs)}`;
}
