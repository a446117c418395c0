import type { Nemesis, RandomSource } from './nemesis.ts';
import { between, deedBetween, oneToThreeMinutesUs, untilTheLast } from './round.ts';

/**
 * Skewed wall clocks: every node's, each by its own amount and for its own time, as tipocket has
 * it. Only CLOCK_REALTIME is touched; Raft's leases run on the monotonic clock.
 */

const MS_US = 1000;
/** A strobing clock changes after at least, and less than, so many ms. */
const STROBE_MS = [1, 1000] as const;

/** A nemesis that skews every clock by `from` to `to` ms, ahead or behind by the toss of a coin. */
function skews(name: string, from: number, to: number): Nemesis {
  return {
    ...{ name, origin: 'tipocket' },
    summary: `set every node's wall clock off by ±${from} to ${to - 1} ms, 60 to 179 s each`,
    generate({ random, topology, startUs }) {
      const faults = topology.nodes.map(({ name: target }) => {
        const ms = between(random, from, to) * (random.nextInt(2) === 0 ? 1 : -1);
        // A skew of -0 ms is spelt 0.
        const parameters = { offsetUs: ms * MS_US + 0 };
        const untilUs = startUs + oneToThreeMinutesUs(random);
        return deedBetween({ fault: 'skew', target, parameters }, startUs, untilUs);
      });
      return untilTheLast(faults);
    },
  };
}

/** tipocket's bands of skew, ms. */
export const SKEWS: readonly Nemesis[] = [
  skews('small_skews', 0, 100),
  skews('subcritical_skews', 100, 200),
  skews('critical_skews', 200, 250),
  skews('big_skews', 250, 500),
  skews('huge_skews', 500, 5000),
];

/**
 * Clocks that jump ahead and back all the time. A misspelling makes tipocket end the run when asked
 * for this one, and it would not strobe; here it does.
 */
export const strobeSkews: Nemesis = {
  name: 'strobe_skews',
  origin: 'tipocket',
  summary: "every node's wall clock jumps up to 199 ms ahead and back for 60 to 179 s",
  generate({ random, topology, startUs }) {
    const faults = topology.nodes.map(({ name: target }) => {
      const parameters = strobe(random);
      const untilUs = startUs + oneToThreeMinutesUs(random);
      return deedBetween({ fault: 'strobe', target, parameters }, startUs, untilUs);
    });
    return untilTheLast(faults);
  },
};

function strobe(random: RandomSource): { offsetUs: number; periodUs: number } {
  const offsetUs = between(random, 1, 200) * MS_US;
  return { offsetUs, periodUs: between(random, ...STROBE_MS) * MS_US };
}
