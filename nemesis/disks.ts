import type { Nemesis, Occasion } from './nemesis.ts';
import {
  allAtOnce,
  between,
  deedBetween,
  oneToThreeMinutesUs,
  SECOND_US,
  untilTheLast,
} from './round.ts';
import { nodesOfKind, oneOf, type Target } from './targets.ts';

/** How many times slower a slow disk syncs: 5 ms to 50 ms instead of a quarter of one. */
const SLOWER = [20, 201] as const;
/** How long a disk that stalls does not answer, in seconds. */
const STALL_SECONDS = [1, 31] as const;
/** How long a machine takes from power to a serving process, in seconds. */
const BOOT_SECONDS = [20, 61] as const;

/** The nodes that keep something: stores and members of PD. */
function keepers({ topology }: Occasion): readonly Target[] {
  return nodesOfKind(topology, 'tikv', 'pd');
}

/** One disk takes much longer for every sync. */
export const slowDisk: Nemesis = {
  name: 'slow_disk',
  origin: 'wavetank',
  summary: 'one store or PD member syncs 20 to 200 times slower for 60 to 179 s',
  generate(occasion) {
    const target = oneOf(occasion.random, keepers(occasion)).name;
    const parameters = { factor: between(occasion.random, ...SLOWER) };
    const deed = { fault: 'slow_disk', target, parameters };
    return allAtOnce(occasion, oneToThreeMinutesUs(occasion.random), [deed]);
  },
};

/** One disk does not answer for a while, as one whose controller resets. */
export const stallDisk: Nemesis = {
  name: 'stall_disk',
  origin: 'wavetank',
  summary: 'one store or PD member cannot sync at all for 1 to 30 s',
  generate(occasion) {
    const { random } = occasion;
    const target = oneOf(random, keepers(occasion)).name;
    const lengthUs = between(random, ...STALL_SECONDS) * SECOND_US;
    return allAtOnce(occasion, lengthUs, [{ fault: 'stall_disk', target }]);
  },
};

/** A machine loses power, and with it what its disk had not synced. */
export const lostUnsynced: Nemesis = {
  name: 'lost_unsynced',
  origin: 'wavetank',
  summary: 'cut the power of one store or PD member for 60 to 179 s: unsynced writes are lost',
  generate(occasion) {
    const target = oneOf(occasion.random, keepers(occasion)).name;
    const deed = { fault: 'power_cut', target };
    return allAtOnce(occasion, oneToThreeMinutesUs(occasion.random), [deed]);
  },
};

/** The worst there is for what was acknowledged: no copy has more than its disk had synced. */
export const powerCut: Nemesis = {
  name: 'power_cut',
  origin: 'wavetank',
  summary: 'cut the power of all stores at once; each is back after 20 to 60 s',
  generate({ random, topology, startUs }) {
    const faults = nodesOfKind(topology, 'tikv').map(({ name: target }) => {
      const untilUs = startUs + between(random, ...BOOT_SECONDS) * SECOND_US;
      return deedBetween({ fault: 'power_cut', target }, startUs, untilUs);
    });
    return untilTheLast(faults);
  },
};
