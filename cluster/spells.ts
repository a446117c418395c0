/** How long something lasted, over all the times it happened; µs. */
export interface SpellSummary {
  readonly count: number;
  readonly shortestUs: number;
  readonly medianUs: number;
  readonly longestUs: number;
}

/** No spell at all. */
export const NO_SPELLS: SpellSummary = { count: 0, shortestUs: 0, medianUs: 0, longestUs: 0 };

/** Collects how long something lasted each time. */
export class Spells {
  private readonly lengths: number[] = [];

  add(us: number): void {
    this.lengths.push(us);
  }

  get summary(): SpellSummary {
    const sorted = [...this.lengths].sort((a, b) => a - b);
    const [shortestUs] = sorted;
    if (shortestUs === undefined) return NO_SPELLS;
    return {
      count: sorted.length,
      shortestUs,
      medianUs: sorted[sorted.length >> 1] as number,
      longestUs: sorted.at(-1) as number,
    };
  }
}
