/**
 * Seeded defects (mutants). Each is off by default and breaks one rule at one place in the code,
 * where `bugs.has('name')` is asked. A run with a defect must end invalid: that is how the checkers
 * are themselves checked.
 */

import { RAFT_BUGS, type RaftBug } from './raft/index.ts';

const OWN_BUGS = {
  'txn.lockRecordDropped': 'a lock-only key leaves no Lock record at commit',
  'txn.conflictCheckIgnoresLockType': 'the pessimistic conflict check skips Lock records',
  'txn.staleForUpdateTs': 'a retried statement keeps its old for_update_ts and forces its locks',
  'txn.amendAlways': 'a lost pessimistic lock is made good without a look at the key',
  'txn.asyncCommittedButRolledBack':
    'an async commit may go on calculating after its locks have expired',
  'txn.asyncFallbackNotIdempotent': 'a repeated prewrite calculates anew what its lock has decided',
  'txn.asyncNotLinearizable': 'an async commit begins without a fresh timestamp of PD',
  'txn.commitIgnoresMinCommitTs': 'a transaction commits below the timestamp a reader pushed it to',
  'txn.commitReportedConflict': 'a prewrite repeated after the commit is answered as a conflict',
  'txn.inMemLockLostOnTransfer': 'locks in memory are lost when a leader hands over or is merged',
  'txn.lazyCheckInconsistent': 'a row inserted and deleted again is not checked for absence',
  'txn.maxTsIgnoresReads': 'reads do not move max_ts',
  'txn.maxTsNotSynced': 'a new leader calculates timestamps with the max_ts it happens to have',
  'txn.memLockInvisible': 'scans do not look at the locks that are on their way into the store',
  'txn.onePcMaxTs': 'one-phase commit calculates its timestamp without max_ts',
  'txn.overlappedRollbackLost': 'a commit record forgets the rollback whose place it takes',
  'txn.primarySwitched': 'any lock of a transaction is taken for its primary',
  'txn.resolvedCachePessimistic':
    'a released pessimistic lock is remembered as a rolled back transaction',
  'txn.retriedPrewriteSkipsCheck': 'a repeated prewrite is taken for the first one',
  'txn.rollbackCollapsed': 'protected rollbacks are collapsed like others',
  'txn.secondaryCheckLeavesNoRollback': 'a missing key of an async commit is left as it is',
  'txn.staleForceLockCommitted': 'a pessimistic lock left behind is committed as a Lock record',
  'raft.applySkipsEpochCheck': 'a write is applied though its region was split or merged meanwhile',
  'raft.leaseSurvivesTransfer': 'a leader reads by its lease while it hands leadership over',
  'merge.commitWithoutCatchUp': 'a merge takes in a peer of the source that lags behind',
  'txn.ttlManagerStops': 'a primary lock is kept alive once and no more',
  'tso.windowNotPersisted': 'timestamps are given out of a window before it is saved',
  'tso.noResyncOnReelection':
    'a new leader goes by the window it remembers, not by the one that was saved',
  'tso.physicalFollowsClockBack': 'the physical part follows a clock that goes back',
  'tso.twoLeaders': 'a leader gives timestamps though its lease is over',
  'pd.leaseTooLong': 'a leader believes in its lease for five times as long as etcd does',
  'pd.leaseWithoutQuorum': 'a leader prolongs its lease though no majority says that it leads',
  'pd.mergeOpHalfCancelled': 'half a merge is cancelled, and the other half goes on',
  'pd.mergeLimitIgnored': 'merges of the random scheduler do not count as merges',
  'pd.operatorOnStaleRegion': 'an operator is carried out though its region has changed since',
  'gc.ignoresRunningTransactions': 'the safe point does not wait for running transactions',
  'gc.leavesLocks': 'garbage is collected before old locks are settled',
  'read.followerTellsNobody': 'a follower read is served without the leader knowing of it',
  'read.resolvedTsIgnoresLocks': 'a leader calls a time resolved though a lock is older',
  'read.safeTsBeforeApplied': 'a replica believes its leader before it has caught up with it',
  'client.undeterminedAsFail': 'an undetermined commit is answered as a definite failure',
  'client.undeterminedAsSuccess': 'an undetermined commit is answered with OK',
  'mem.rateLimitMasksQuota': 'a reader with one token left goes on swallowing triggers',
  'mem.rateLimit.suspendAll': 'workers wait until a task is read, though nothing is there to read',
  'mem.rateLimit.tokenNotReturned': 'a reader that has given way once gives no token back any more',
  'mem.fallbackCycle': 'a closed reader goes on as if its tokens could still be destroyed',
  'mem.goroutineStuckInSend': 'a worker with an answer is not told that nobody will take it',
  'mem.cancelNotPropagated': 'workers and sender of a closed reader go on',
  'mem.cancelLoggedAsPanic': 'a worker that is cancelled as it should be is logged as a panic',
  'mem.cancelUntyped': 'whoever recovers from a cancel loses the type of its error',
  'mem.cancelEndsTransaction': 'a statement that is cancelled takes its transaction with it',
  'mem.quotaDropsConnection': 'a statement that is cancelled takes its connection with it',
  'mem.trackerLeak': 'a closed reader keeps charged what it had not handed on',
  'mem.hashAggSpill.wrongResult': 'a state of a group that was spilled is not read back',
  'mem.aggPartitionLost': 'the last partition that an aggregation has spilled is not merged',
  'mem.aggKeepsMemory': 'an aggregation that is closed before its end keeps its memory charged',
  'mem.mapGrowthNotCharged': 'partial workers are not charged when their maps double',
  'mem.spillModeNeverEnds': 'an aggregation that reads back what it spilled goes on spilling',
  'mem.spillFileLeak': 'an aggregation that has spilled leaves its file behind',
  'mem.spill.rowContainerRace': 'rows that come while a join is about to spill are lost',
  'mem.sortPartitionLost': 'a sort that has spilled forgets what it still has in memory',
  'mem.tmpQuotaIgnored': 'what is spilled is not measured against the quota of the node',
  'mem.globalKill.wrongVictim':
    "the server's limit remembers whoever was large first, whatever becomes of it",
  'mem.globalKill.ineffective': "whoever the server's limit picks goes on growing",
  'sql.limitBeforeOrder': 'LIMIT is applied before ORDER BY',
} as const;

/** Name of a mutant; those of Raft itself are told by that chapter. */
export type BugName = keyof typeof OWN_BUGS | `raft.${RaftBug}`;

/** Every mutant and what it breaks. */
export const BUGS: Readonly<Record<BugName, string>> = { ...OWN_BUGS, ...raftBugs() };

function raftBugs(): Record<`raft.${RaftBug}`, string> {
  const named = Object.entries(RAFT_BUGS).map(([name, text]) => [`raft.${name}`, text]);
  return Object.fromEntries(named) as Record<`raft.${RaftBug}`, string>;
}

/** The mutants switched on in one run. */
export type Bugs = ReadonlySet<BugName>;

/** No mutant at all. */
export const NO_BUGS: Bugs = new Set();
