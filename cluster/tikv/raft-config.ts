import { DEFAULT_RAFT_CONFIG, RAFT_BUGS, type RaftBug, type RaftConfig } from '../raft/index.ts';
import { Rng } from '../sim/index.ts';
import type { RaftStore } from './raft-store.ts';

/** A tick of Raft, µs. Source: TiKV `raft-base-tick-interval`, 1 s. */
export const TICK_US = 1_000_000;

/**
 * How Raft behaves for one peer: TiKV's values. A peer that was there before this incarnation
 * refuses votes for an election timeout, because it may have promised a lease it has forgotten.
 */
export function raftConfig(store: RaftStore, peer: number): RaftConfig {
  const { process } = store.context;
  const rng = new Rng(process.world.seed, `raft/${peer}/${process.incarnation}`);
  const restarted = process.incarnation > 1 && !store.started;
  return {
    ...DEFAULT_RAFT_CONFIG,
    id: peer,
    random: (bound) => rng.nextInt(bound),
    voteRefusalTicks: restarted ? DEFAULT_RAFT_CONFIG.electionTicks : 0,
    bugs: raftBugs(store),
  };
}

function raftBugs({ bugs }: RaftStore): ReadonlySet<RaftBug> {
  const names = Object.keys(RAFT_BUGS) as RaftBug[];
  return new Set(names.filter((name) => bugs.has(`raft.${name}`)));
}
