const SECOND = 1_000_000_000;
const MILLISECOND = 1_000_000;
const MICROSECOND = 1000;

/**
 * A duration as Go writes it: the largest of s, ms, µs that leaves something before the point, all
 * digits behind it that are not zero; minutes and hours before the seconds. Source: Go
 * `time.Duration.String`.
 *
 * @param ns whole nanoseconds, 0 or more
 */
export function formatGoDuration(ns: number): string {
  if (ns === 0) return '0s';
  if (ns < MICROSECOND) return `${ns}ns`;
  if (ns < MILLISECOND) return `${fraction(ns, MICROSECOND)}µs`;
  if (ns < SECOND) return `${fraction(ns, MILLISECOND)}ms`;
  const minutes = Math.floor(ns / (60 * SECOND));
  const seconds = `${fraction(ns % (60 * SECOND), SECOND)}s`;
  if (minutes === 0) return seconds;
  return minutes < 60
    ? `${minutes}m${seconds}`
    : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

function fraction(ns: number, unit: number): string {
  const rest = String(ns % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  const whole = String(Math.floor(ns / unit));
  return rest === '' ? whole : `${whole}.${rest}`;
}

/**
 * A duration as EXPLAIN ANALYZE rounds it: one decimal of its unit, two below ten. Source: TiDB
 * `execdetails.FormatDuration`.
 *
 * @param us whole microseconds
 */
export function formatRounded(us: number): string {
  const ns = us * 1000;
  if (ns <= MICROSECOND) return formatGoDuration(ns);
  const unit = ns >= SECOND ? SECOND : ns >= MILLISECOND ? MILLISECOND : MICROSECOND;
  const step = unit / (ns < 10 * unit ? 100 : 10);
  return formatGoDuration(Math.round(ns / step) * step);
}
