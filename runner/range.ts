/**
 * `from..to`, or one value that is both ends; undefined if an end cannot be read. Whether the ends
 * are in order is for the caller to say, who knows how to compare them.
 */
export function parseRange<T>(
  text: string,
  parse: (end: string) => T | undefined,
): readonly [from: T, to: T] | undefined {
  const ends = text.split('..');
  const from = parse(ends[0] ?? '');
  const to = parse(ends.at(-1) ?? '');
  return from === undefined || to === undefined || ends.length > 2 ? undefined : [from, to];
}
