/** A long flag with one dash, as Go programs take them: `-run-time=6h`. */
const SINGLE_DASH = /^-([A-Za-z][\w.-]+)(=.*)?$/s;

/**
 * Gives flags spelt with one dash their second one, so that a tipocket command line can be pasted.
 * Left alone: one-letter flags, negative numbers, and everything after `--`.
 */
export function withDoubleDashes(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  const rest = end < 0 ? [] : args.slice(end);
  return [...flags.map((arg) => (SINGLE_DASH.test(arg) ? `-${arg}` : arg)), ...rest];
}
