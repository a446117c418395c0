/** Words for virtual time: what a person compares with a log, a chart and a plan. */

const SECOND_US = 1_000_000;

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/**
 * A moment as `h:mm:ss`, cut (not rounded) to the second; `us` counts from the start of the run.
 */
export function clock(us: number): string {
  const sign = us < 0 ? '-' : '';
  const seconds = Math.floor(Math.abs(us) / SECOND_US);
  const minutes = Math.floor(seconds / 60);
  return `${sign}${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A moment as `h:mm:ss.mmm`, where a second is too coarse: operations and log lines. */
export function clockMs(us: number): string {
  const ms = Math.floor((Math.abs(us) % SECOND_US) / 1000);
  return `${clock(us)}.${String(ms).padStart(3, '0')}`;
}

/**
 * A length of time in at most two units: `850 µs`, `12.5 ms`, `42 s`, `2 min 03 s`, `1 h 05 min`.
 */
export function span(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 999_950) return `${Math.round(us / 100) / 10} ms`;
  const tenths = Math.round(us / 100_000);
  if (tenths < 600) return `${tenths / 10} s`;
  const seconds = Math.round(us / SECOND_US);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
