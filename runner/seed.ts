/** What to write instead, for messages. */
export const SEED_EXPECTED = 'a whole number from 0 to 18446744073709551615';

/**
 * The canonical decimal spelling of a 64-bit seed (decimal or 0x…); undefined if it is none. It
 * stays text all its life: a double would lose the last digits, and the run could not be repeated.
 */
export function parseSeed(text: string): string | undefined {
  if (!/^(\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < 1n << 64n ? value.toString() : undefined;
}
