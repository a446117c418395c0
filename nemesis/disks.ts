import type { FaultOfRound, Nemesis, Occasion } from './nemesis.ts';
import {
  allAtOnce,
  between,
  deedBetween,
  oneToThreeMinutesUs,
  SECOND_US,
  untilTheLast,
} from './round.ts';
import { nodesOfKind, oneOf, someOf, type Target } from './targets.ts';

/** How many times slower a slow disk syncs: 5 ms to 50 ms instead of a quarter of one. */
const SLOWER = [20, 201] as const;
/** How long a disk that stalls does not answer, in seconds. */
const STALL_SECONDS = [1, 31] as const;
/** How long a machine takes from power to a serving process, in seconds. */
const BOOT_SECONDS = [20, 61] as const;

/** How long a disk hangs before its power goes. */
const HANG_US = SECOND_US;

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

/** The disk hangs from shortly before the power goes until after. */
function hang(target: string, startUs: number): FaultOfRound {
  return deedBetween({ fault: 'stall_disk', target }, startUs, startUs + 2 * HANG_US);
}

/** The power goes while the disk, if it is made to, hangs. */
function cut(target: string, startUs: number, untilUs: number): FaultOfRound {
  return deedBetween({ fault: 'power_cut', target }, startUs + HANG_US, untilUs);
}

/**
 * A machine loses power, and with it what its disk had not synced. So that there is something to
 * lose, its disk hangs first: whatever it acknowledged in that time it had no right to.
 */
export const lostUnsynced: Nemesis = {
  name: 'lost_unsynced',
  origin: 'wavetank',
  summary: 'hang the disk of one store or PD member, then cut its power: unsynced writes are lost',
  generate(occasion) {
    const { random, startUs } = occasion;
    const { name } = oneOf(random, keepers(occasion));
    const untilUs = startUs + oneToThreeMinutesUs(random);
    return untilTheLast([hang(name, startUs), cut(name, startUs, untilUs)]);
  },
};

/**
 * The worst there is for what was acknowledged: no copy has more than its disk had synced. All
 * disks but one hang first, so that a leader on that one may be alone with what it thinks a quorum
 * has.
 */
export const powerCut: Nemesis = {
  name: 'power_cut',
  origin: 'wavetank',
  summary: 'hang the disks of all stores but one, then cut the power of all for 20 to 60 s each',
  generate({ random, topology, startUs }) {
    const stores = nodesOfKind(topology, 'tikv');
    const hung = someOf(random, stores, stores.length - 1);
    const cuts = stores.map(({ name }) =>
      cut(name, startUs, startUs + between(random, ...BOOT_SECONDS) * SECOND_US),
    );
    return untilTheLast([...hung.map(({ name }) => hang(name, startUs)), ...cuts]);
  },
};
