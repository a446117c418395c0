import type { Scalar } from '../runner/scalar.ts';
import { UsageError } from '../runner/usage-error.ts';

/**
 * The value of a flag that is not a setting of a run; undefined if the flag was not given. Throws a
 * `UsageError` that names the flag, what was expected, and what was there.
 */
export function parseFlag<T>(
  flag: string,
  scalar: Scalar<T>,
  text: string | undefined,
): T | undefined {
  if (text === undefined) return undefined;
  const value = scalar.parse(text);
  if (value !== undefined) return value;
  throw new UsageError(`--${flag}: expected ${scalar.expected}, got "${text}"`);
}
