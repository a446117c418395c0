const UNITS: readonly (readonly [name: string, bytes: number])[] = [
  ['TB', 2 ** 40],
  ['GB', 2 ** 30],
  ['MB', 2 ** 20],
  ['KB', 2 ** 10],
];

/** What to write instead, for messages. */
export const BYTES_EXPECTED = 'a number of bytes, or a size such as 512KB, 16MB or 1GB';

/** Bytes of `4096`, `512KB`, `16MB`, as TiDB reads them; undefined for 0 and for anything else. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,15})([KMGT]B)?$/.exec(text);
  if (match === null) return undefined;
  const unit = UNITS.find(([name]) => name === match[2])?.[1] ?? 1;
  const bytes = Number(match[1]) * unit;
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The inverse of {@link parseBytes}, in the largest unit that leaves no fraction. */
export function formatBytes(bytes: number): string {
  const unit = UNITS.find(([, size]) => bytes % size === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}
