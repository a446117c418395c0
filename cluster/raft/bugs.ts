/**
 * Seeded defects of the consensus. Each breaks one rule at one place, where
 * `bugs.has('name')` is asked; all are off by default. The property test and the scripts of this
 * chapter must notice every one of them.
 */
export const RAFT_BUGS = {
  'commit-old-term-by-count':
    'a leader commits entries of earlier terms by counting replicas (§5.4.2)',
  'vote-not-persisted-before-reply': 'a vote is answered before term and vote are on disk',
  'vote-twice-per-term': 'a peer grants its vote again to another candidate of the same term',
  'vote-ignores-log': 'a vote is granted to a candidate whose log is behind (§5.4.1)',
  'vote-ignores-lease': 'a peer that hears its leader helps to depose it',
  'uninitialised-peer-forgets-vote':
    'a peer without a configuration never saves its vote (tikv#9579)',
  'ack-before-persist': 'a follower acknowledges entries before they are on disk',
  'leader-counts-itself-before-persist': 'a leader counts its own copy before it is on disk',
  'apply-before-persist': 'committed entries are applied before the own copy is on disk',
  'skip-log-matching-check': 'a follower appends without comparing the term of the entry before',
  'stale-append-truncates-committed': 'an append that came late cuts off the entries behind it',
  'stale-snapshot-rolls-back': 'a snapshot older than the commit index is installed',
  'read-index-without-quorum': 'a leader answers a read without asking whether it still leads',
  'new-leader-reads-before-own-term-commit':
    'a leader answers reads before it committed an entry of its term (§8)',
  'single-step-joint': 'a change of several voters takes effect at once, without the joint phase',
  'conf-change-while-pending': 'a membership change is proposed before the last one is applied',
  'pre-vote-bumps-term': 'whoever is asked for a pre-vote takes over the term asked about',
  'late-good-night':
    'a good night that comes late sends a woken follower back to sleep (tikv#14547)',
} as const;

/** Name of a seeded defect. */
export type RaftBug = keyof typeof RAFT_BUGS;

/** No defect at all. */
export const NO_RAFT_BUGS: ReadonlySet<RaftBug> = new Set();
