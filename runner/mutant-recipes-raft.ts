import { SECOND_US } from './duration.ts';
import { calm, fault, faults, hot, type MutantRecipe, spread } from './mutant-recipe.ts';

/**
 * Recipes of defects of Raft. In most of them the store that leads the ledger's region, tikv-1 with
 * these seeds, is taken away, and what the two others do next shows whether they kept to the rules.
 * An election takes 10 to 20 s, hence the length of the runs; little happens in them.
 */

const GROUP = 'raft and regions';
const MS = 1000;

/** Few clients: what is looked for takes a region, not a crowd. */
const FEW = { accounts: 50, concurrency: 3 } as const;

/** The leader is cut off from the other stores, but not from its clients. */
function island(from: number, until: number) {
  return fault('bridge', 'pd-0', [from, until], { side: 'tikv-0,tikv-2' });
}

/**
 * One store after the other hangs for a second and then loses power: what it acknowledged in that
 * second is not on its disk.
 */
const BEREFT = [0, 1, 2, 3].flatMap((store) => {
  const from = store * 30;
  return [
    fault('stall_disk', `tikv-${store}`, [from, from + 2]),
    fault('power_cut', `tikv-${store}`, [from + 1, from + 16]),
  ];
});

/** One follower has missed the last second when the leader dies. */
const BEHIND = [
  fault('partition', 'tikv-2', [1, 2.02], { direction: 'both' }),
  fault('kill', 'tikv-1', [2, 29]),
];

/** Messages take so long that both who are left stand for election before they hear of it. */
const RIVALS = [
  fault('kill', 'tikv-1', [1, 25]),
  ...faults('delay', ['tikv-0', 'tikv-2'], [1, 25], {
    ...{ latencyUs: 1500 * MS, jitterUs: 1500 * MS, correlation: 0 },
  }),
];

/**
 * A voter whose disk takes seconds loses power amid elections; whom it elected cannot be heard, and
 * the old leader stands again.
 */
const FORGETFUL = [
  fault('kill', 'tikv-1', [1, 22.5]),
  fault('slow_disk', 'tikv-2', [1, 22.2], { factor: 8000 }),
  fault('power_cut', 'tikv-2', [16, 16.5]),
  fault('partition', 'tikv-0', [16, 45], { direction: 'both' }),
];

/** Who comes after a leader that dies under load takes long to write its first entry. */
const SLOW_START = [
  fault('kill', 'tikv-1', [2, 36]),
  ...faults('slow_disk', ['tikv-0', 'tikv-2'], [2.1, 36], { factor: 3000 }),
];

/** What the leader sends comes twice and out of order. */
const STALE = [
  ...faults('duplicate', ['tikv-1'], [0.5, 3], { percent: 50, correlation: 0 }),
  ...faults('reorder', ['tikv-1'], [0.5, 3], { percent: 50, correlation: 0 }),
];

/**
 * A leader is told to hand over. Its word to the successor is slow on the way; when it arrives, the
 * leader cannot be told of the new term.
 */
const HANDOVER = [
  fault('delay', 'tikv-1', [0.98, 5], { latencyUs: 600 * MS, jitterUs: 0, correlation: 0 }),
  fault('scheduler', 'pd', [1, 2], { scheduler: 'shuffle-leader-scheduler' }),
  island(1.55, 5),
];

/**
 * Regions full of rows are merged under load and change their leaders, and what travels between
 * stores is a little late: writes are under way whenever a region is frozen.
 */
const MERGING = [
  ...faults('delay', ['tikv-0', 'tikv-1', 'tikv-2'], [0.5, 7], {
    ...{ latencyUs: 5 * MS, jitterUs: 5 * MS, correlation: 0 },
  }),
  fault('scheduler', 'pd', [0.6, 7], { scheduler: 'random-merge-scheduler' }),
  fault('scheduler', 'pd', [2, 7.5], { scheduler: 'shuffle-leader-scheduler' }),
];

/**
 * A leader that is cut off goes on writing what nobody gets; the others elect one, and hand over
 * once more before they meet it again.
 */
const DIVERGED = [
  island(1, 32),
  fault('scheduler', 'pd', [12, 34], { scheduler: 'shuffle-leader-scheduler' }),
];

/** Defects of Raft and regions, each with the run that shows it. */
export const RAFT_RECIPES: readonly MutantRecipe[] = [
  {
    bugs: ['raft.ack-before-persist'],
    group: GROUP,
    settings: {
      ...{ scaleDenominator: 32, accounts: 50, concurrency: 5, nemeses: [] },
      ...{ intervalUs: 5 * SECOND_US, tikv: 4, runTimeUs: 130 * SECOND_US },
    },
    faults: BEREFT,
    seeds: ['1', '2'],
  },
  {
    bugs: ['raft.vote-not-persisted-before-reply'],
    group: GROUP,
    settings: calm(46, { scaleDenominator: 128, accounts: 100, concurrency: 60 }),
    faults: FORGETFUL,
    seeds: ['11', '12', '13', '14', '15', '16', '17', '18'],
  },
  {
    bugs: ['raft.vote-twice-per-term'],
    group: GROUP,
    settings: hot(26, FEW),
    faults: RIVALS,
    seeds: ['1', '2'],
  },
  {
    bugs: ['raft.vote-ignores-log'],
    group: GROUP,
    settings: hot(30, FEW),
    faults: BEHIND,
    seeds: ['1', '2'],
  },
  {
    bugs: ['raft.stale-append-truncates-committed'],
    group: GROUP,
    settings: hot(4, { ...FEW, concurrency: 4 }),
    faults: STALE,
    seeds: ['1', '2'],
  },
  {
    bugs: ['raft.read-index-without-quorum'],
    group: GROUP,
    settings: calm(26),
    faults: [island(1, 25)],
    seeds: ['1', '2'],
  },
  {
    bugs: ['raft.leaseSurvivesTransfer'],
    group: GROUP,
    settings: calm(6, { scaleDenominator: 128, concurrency: 60, intervalUs: 2 * SECOND_US }),
    faults: HANDOVER,
    seeds: ['1', '2', '16', '17', '18', '19'],
  },
  {
    bugs: ['raft.applySkipsEpochCheck'],
    group: GROUP,
    settings: spread(8, { concurrency: 8, intervalUs: 3 * SECOND_US }),
    faults: MERGING,
    seeds: ['1', '2', '3'],
  },
  {
    bugs: ['raft.new-leader-reads-before-own-term-commit'],
    group: GROUP,
    settings: hot(37),
    faults: SLOW_START,
    seeds: ['1', '2'],
  },
  {
    bugs: ['raft.skip-log-matching-check'],
    group: GROUP,
    settings: calm(36, { concurrency: 200 }),
    faults: DIVERGED,
    seeds: ['1', '2', '3'],
  },
];
