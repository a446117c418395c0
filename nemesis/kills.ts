import type { FaultOfRound, Nemesis, Occasion, RandomSource, Round } from './nemesis.ts';
import { allAtOnce, between, deedBetween, oneToThreeMinutesUs, SECOND_US } from './round.ts';
import { nodesOfKind, oneOf, someOf, type Target } from './targets.ts';

/**
 * tipocket's kills. A *pod failure* replaces the container by one that does nothing: the process
 * ends as by SIGKILL and stays away for the whole time. A *container kill* lets the kubelet start
 * the process again at once; a *pod kill* has the pod made anew.
 */

const FIVE_MINUTES_US = 300 * SECOND_US;
/** A kubelet starts a container that ended again without delay, but the server takes a moment. */
const CONTAINER_SECONDS = [1, 5] as const;
/** A pod has to be scheduled and its volume mounted too. */
const POD_SECONDS = [5, 20] as const;
/** Bound of `pick`, which the number of PD's followers then divides: all counts up to 5 and 6. */
const PICKS = 60;

/** Kills one node of any component and starts it again after one to three minutes. */
export const randomKill: Nemesis = {
  name: 'random_kill',
  origin: 'tipocket',
  summary: 'kill one node of any component for 60 to 179 s, then restart it',
  generate: (occasion) => podFailure(occasion, [oneOf(occasion.random, occasion.topology.nodes)]),
};

/** Kills a bit less than half of all nodes at once. */
export const minorKill: Nemesis = {
  name: 'minor_kill',
  origin: 'tipocket',
  summary: 'kill n/2 - 1 of all n nodes at once for 60 to 179 s',
  generate: (occasion) => podFailure(occasion, share(occasion, -1)),
};

/** Kills a bit more than half of all nodes at once. */
export const majorKill: Nemesis = {
  name: 'major_kill',
  origin: 'tipocket',
  summary: 'kill n/2 + 1 of all n nodes at once for 60 to 179 s',
  generate: (occasion) => podFailure(occasion, share(occasion, 1)),
};

/** Kills everything at once. */
export const allKill: Nemesis = {
  name: 'all_kill',
  origin: 'tipocket',
  summary: 'kill all nodes at once for 60 to 179 s',
  generate: (occasion) => podFailure(occasion, occasion.topology.nodes),
};

/** Kills so many stores for five minutes: longer than an election, shorter than a store is down. */
function killStores(name: string, summary: string, count: number): Nemesis {
  return {
    ...{ name, summary, origin: 'tipocket' },
    generate(occasion) {
      const stores = someOf(occasion.random, nodesOfKind(occasion.topology, 'tikv'), count);
      return allAtOnce(occasion, FIVE_MINUTES_US, stores.map(kill));
    },
  };
}

/** One store away for five minutes. */
export const killTikv1Node5Min: Nemesis = killStores(
  'kill_tikv_1node_5min',
  'kill one TiKV store for 5 min',
  1,
);

/** Two stores away for five minutes: of three replicas most regions lose their quorum. */
export const killTikv2Node5Min: Nemesis = killStores(
  'kill_tikv_2node_5min',
  'kill two TiKV stores at once for 5 min',
  2,
);

/**
 * Kills whichever member leads PD when the time has come. tipocket asks for it when it generates,
 * and ends the whole run if that member does not answer.
 */
export const killPdLeader5Min: Nemesis = {
  name: 'kill_pd_leader_5min',
  origin: 'tipocket',
  summary: 'kill the PD member that leads when the fault begins, for 5 min',
  generate: (occasion) =>
    allAtOnce(occasion, FIVE_MINUTES_US, [{ fault: 'kill', target: 'pd-leader' }]),
};

/** In tipocket a misspelling turns this one into `random_kill`; here it does what it says. */
export const killPdNonleader5Min: Nemesis = {
  name: 'kill_pd_nonleader_5min',
  origin: 'tipocket',
  summary: 'kill a PD member that does not lead when the fault begins, for 5 min',
  leastPd: 2,
  generate(occasion) {
    const parameters = { pick: occasion.random.nextInt(PICKS) };
    const deed = { fault: 'kill', target: 'pd-follower', parameters };
    return allAtOnce(occasion, FIVE_MINUTES_US, [deed]);
  },
};

/** Kills one store, which comes back within seconds. */
export const shortKillTikv1Node: Nemesis = {
  name: 'short_kill_tikv_1node',
  origin: 'tipocket',
  summary: 'kill one TiKV store that is back within 5 s, then wait 60 to 179 s',
  generate(occasion) {
    const { name } = oneOf(occasion.random, nodesOfKind(occasion.topology, 'tikv'));
    return comesBack(occasion, [name], CONTAINER_SECONDS);
  },
};

/** Kills PD's leader, which comes back within seconds, mostly as a follower. */
export const shortKillPdLeader: Nemesis = {
  name: 'short_kill_pd_leader',
  origin: 'tipocket',
  summary: 'kill the PD leader, which is back within 5 s, then wait 60 to 179 s',
  generate: (occasion) => comesBack(occasion, ['pd-leader'], CONTAINER_SECONDS),
};

/** Deletes every pod at once; each comes back when it is made anew. */
export const podKill: Nemesis = {
  name: 'pod_kill',
  origin: 'tipocket',
  summary: 'kill all nodes at once; each is back within 20 s; then wait 60 to 179 s',
  generate(occasion) {
    const names = occasion.topology.nodes.map(({ name }) => name);
    return comesBack(occasion, names, POD_SECONDS);
  },
};

function kill({ name }: Target): { fault: string; target: string } {
  return { fault: 'kill', target: name };
}

/** The nodes stay away for one to three minutes, all for the same time. */
function podFailure(occasion: Occasion, nodes: readonly Target[]): Round {
  return allAtOnce(occasion, oneToThreeMinutesUs(occasion.random), nodes.map(kill));
}

/** Half of all nodes, rounded down, and `extra` more; at least one. */
function share({ random, topology }: Occasion, extra: number): readonly Target[] {
  const { nodes } = topology;
  return someOf(random, nodes, Math.max(1, Math.floor(nodes.length / 2) + extra));
}

/** The targets are gone for some seconds each; then there is peace for the rest of the round. */
function comesBack(
  { random, startUs }: Occasion,
  targets: readonly string[],
  [from, to]: readonly [number, number],
): Round {
  const untilUs = startUs + oneToThreeMinutesUs(random);
  const back = (source: RandomSource): number => startUs + between(source, from, to) * SECOND_US;
  const faults = targets.map(
    (target): FaultOfRound => deedBetween({ fault: 'kill', target }, startUs, back(random)),
  );
  return { faults, untilUs };
}
