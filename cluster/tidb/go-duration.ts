const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]);

/** Milliseconds of a duration as Go writes it, such as `10m0s` or `500ms`; else undefined. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|h|m|s))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|h|m|s)/g)) {
    ms += Number(digits) * (UNITS_MS.get(unit as string) as number);
  }
  return ms;
}

/** A duration of whole seconds as Go writes it. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
