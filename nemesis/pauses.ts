import type { Nemesis } from './nemesis.ts';
import { allAtOnce, between, oneToThreeMinutesUs, SECOND_US } from './round.ts';
import { oneOf } from './targets.ts';

/** A short pause: keep-alive, after 13 s, may not have noticed. */
const SHORT_SECONDS = [1, 20] as const;

/**
 * Stops a process without ending it, as a long collection of garbage, a debugger or a moved virtual
 * machine does: it comes back with old leases in hand and does not know how long it was away.
 */
export const pause: Nemesis = {
  name: 'pause',
  origin: 'wavetank',
  summary: 'stop one process (SIGSTOP) for 1 to 19 s or for 60 to 179 s, then let it go on',
  generate(occasion) {
    const { random, topology } = occasion;
    const { name } = oneOf(random, topology.nodes);
    const short = random.nextInt(2) === 0;
    const lengthUs = short
      ? between(random, ...SHORT_SECONDS) * SECOND_US
      : oneToThreeMinutesUs(random);
    return allAtOnce(occasion, lengthUs, [{ fault: 'pause', target: name }]);
  },
};
