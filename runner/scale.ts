/** Largest N of `--scale 1/N`: below that not even the metadata of an account is left. */
const DENOMINATOR_MAX = 1 << 20;

/** What to write instead, for messages. */
export const SCALE_EXPECTED = '1 or 1/N with N a power of two, such as 1/64';

/** N of a scale `1/N` (or `1`, or `1/1`); undefined unless N is a power of two up to 2^20. */
export function parseScale(text: string): number | undefined {
  const match = /^1(?:\/(\d{1,7}))?$/.exec(text);
  if (match === null) return undefined;
  const denominator = Number(match[1] ?? '1');
  const isPowerOfTwo = denominator > 0 && (denominator & (denominator - 1)) === 0;
  return isPowerOfTwo && denominator <= DENOMINATOR_MAX ? denominator : undefined;
}

/** `1/64`, or `1`. */
export function formatScale(denominator: number): string {
  return denominator === 1 ? '1' : `1/${denominator}`;
}
