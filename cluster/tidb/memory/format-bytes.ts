const UNITS: readonly (readonly [bytes: number, name: string])[] = [
  [2 ** 30, 'GB'],
  [2 ** 20, 'MB'],
  [2 ** 10, 'KB'],
];

/**
 * An amount of memory as EXPLAIN ANALYZE and `mem_max` print it: `885 Bytes`, `8.23 KB`,
 * `600.0 MB`. The largest unit that is exceeded, two decimals below ten, one above, none where it
 * is exact. Source: TiDB `util/memory/tracker.go`, `FormatBytes`.
 */
export function formatBytes(bytes: number): string {
  const unit = UNITS.find(([size]) => bytes > size);
  if (unit === undefined) return `${bytes} Bytes`;
  const [size, name] = unit;
  if (bytes % size === 0) return `${bytes / size} ${name}`;
  const value = bytes / size;
  return `${value.toFixed(value < 10 ? 2 : 1)} ${name}`;
}
