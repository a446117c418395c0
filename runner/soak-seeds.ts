import { parseRange } from './range.ts';
import type { Scalar } from './scalar.ts';
import { parseSeed } from './seed.ts';

/** More seeds than this in one soak: nobody waits that long, and each is held in memory. */
const SEEDS_MAX = 1_000_000n;

/**
 * Seeds to run: numbers and ranges, separated by commas; both ends of a range belong to it. The
 * value is the list of seeds in the order given, as canonical decimal text, each once.
 */
export const SEED_RANGE: Scalar<readonly string[]> = {
  expected: `seeds such as 7, 1..1000 or 1..10,42, at most ${SEEDS_MAX}`,
  parse(text) {
    const seeds = new Set<string>();
    for (const part of text.split(',')) {
      const range = rangeOf(part.trim());
      if (range === undefined) return undefined;
      const [from, to] = range;
      if (to - from + BigInt(seeds.size) >= SEEDS_MAX) return undefined;
      for (let seed = from; seed <= to; seed++) seeds.add(seed.toString());
    }
    return [...seeds];
  },
};

function rangeOf(text: string): readonly [from: bigint, to: bigint] | undefined {
  const range = parseRange(text, (end) => {
    const seed = parseSeed(end);
    return seed === undefined ? undefined : BigInt(seed);
  });
  return range !== undefined && range[0] <= range[1] ? range : undefined;
}
