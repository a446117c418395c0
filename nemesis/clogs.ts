import type { FaultOfRound, Nemesis } from './nemesis.ts';
import { between, deedBetween, oneToThreeMinutesUs, SECOND_US, untilTheLast } from './round.ts';
import { oneOf, someOf } from './targets.ts';

/** How long one clog lasts, and the pause after it, in seconds: around keep-alive's 13. */
const CLOG_SECONDS = [1, 21] as const;
const PAUSE_SECONDS = [1, 11] as const;
/** At most so many seconds between two steps of a swizzle. */
const STEP_SECONDS = 6;

/** What a node sends and is sent is held, then all comes at once; again and again. */
export const clog: Nemesis = {
  name: 'clog',
  origin: 'wavetank',
  summary: 'hold all traffic of one node for up to 20 s, let it go in order, and again',
  generate({ random, topology, startUs }) {
    const target = oneOf(random, topology.nodes).name;
    const untilUs = startUs + oneToThreeMinutesUs(random);
    const faults: FaultOfRound[] = [];
    for (let atUs = startUs; atUs < untilUs; ) {
      const endUs = Math.min(untilUs, atUs + between(random, ...CLOG_SECONDS) * SECOND_US);
      faults.push(deedBetween({ fault: 'clog', target }, atUs, endUs));
      atUs = endUs + between(random, ...PAUSE_SECONDS) * SECOND_US;
    }
    return { faults, untilUs };
  },
};

/**
 * FoundationDB's swizzle: some nodes are clogged one after the other and let go in another order,
 * so that each moment has a different set of nodes that can talk.
 */
export const swizzle: Nemesis = {
  name: 'swizzle',
  origin: 'wavetank',
  summary: 'clog several nodes one after the other, then let them go in another order',
  generate({ random, topology, startUs }) {
    const { nodes } = topology;
    const chosen = someOf(random, nodes, between(random, 1, nodes.length + 1));
    let us = startUs;
    const begun = chosen.map((target) => {
      const atUs = us;
      us += between(random, 1, STEP_SECONDS) * SECOND_US;
      return { target, atUs };
    });
    const ends = new Map<string, number>();
    for (const { name } of someOf(random, chosen, chosen.length)) {
      us += between(random, 1, STEP_SECONDS) * SECOND_US;
      ends.set(name, us);
    }
    const faults = begun.map(({ target: { name }, atUs }) =>
      deedBetween({ fault: 'clog', target: name }, atUs, ends.get(name) ?? us),
    );
    return untilTheLast(faults);
  },
};
