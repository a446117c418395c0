import type { BoundTexts } from './bounding.ts';

/**
 * The ranges of a scan as EXPLAIN prints them: `range:[1 "a",1 "a"], [2 "a",2 "a"]`,
 * `range:(3,+inf]`.
 *
 * @param columns what bounds each column of the key; only the last may be an interval
 */
export function rangeText(columns: readonly (readonly BoundTexts[])[]): string {
  if (columns.length === 0) return '';
  let prefixes = [''];
  for (const bounds of columns) {
    const points = bounds.find((bound) => bound.points.length > 0)?.points;
    if (points === undefined)
      return `range:${prefixes.map((at) => interval(at, bounds)).join(', ')}`;
    prefixes = prefixes.flatMap((prefix) =>
      points.map((point) => (prefix === '' ? point : `${prefix} ${point}`)),
    );
  }
  return `range:${prefixes.map((prefix) => `[${prefix},${prefix}]`).join(', ')}`;
}

function interval(prefix: string, bounds: readonly BoundTexts[]): string {
  const low = bounds.find((bound) => bound.low !== undefined)?.low ?? '[-inf';
  const high = bounds.find((bound) => bound.high !== undefined)?.high ?? '+inf]';
  const before = prefix === '' ? '' : `${prefix} `;
  return `${low[0]}${before}${low.slice(1)},${before}${high}`;
}
