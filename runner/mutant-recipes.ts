import type { BugName } from '../cluster/bugs.ts';
import type { MutantRecipe } from './mutant-recipe.ts';
import { CLIENT_RECIPES } from './mutant-recipes-client.ts';
import { MEMORY_RECIPES } from './mutant-recipes-memory.ts';
import { PD_RECIPES } from './mutant-recipes-pd.ts';
import { RAFT_RECIPES } from './mutant-recipes-raft.ts';
import { READ_RECIPES } from './mutant-recipes-read.ts';
import { TXN_RECIPES } from './mutant-recipes-txn.ts';

/** Every recipe, in the order in which they are run and listed. */
export const MUTANT_RECIPES: readonly MutantRecipe[] = [
  ...TXN_RECIPES,
  ...READ_RECIPES,
  ...RAFT_RECIPES,
  ...PD_RECIPES,
  ...CLIENT_RECIPES,
  ...MEMORY_RECIPES,
];

const OF_RAFT = 'the properties and scripts of `cluster/raft`';
const OF_MVCC = 'the scripts and properties of `cluster/mvcc`';
const OF_CLIENT = '`cluster/tidb/txn/defects.test.ts`';
const OF_PAST = '`cluster/tidb/txn/stale-read.test.ts`';
const OF_STORE = 'the scripts of `cluster/tikv`';
const OF_PD = 'the scripts of `cluster/pd`';
const OF_COPR = '`cluster/tidb/copr/defects.test.ts`';
const OF_SPILLS = '`cluster/tidb/executor/spill-defects.test.ts`';
const OF_GC = '`cluster/tidb/txn/gc-worker.test.ts`';

/**
 * Defects that no recipe shows: the course of events that it takes is too rare to be met by a run,
 * or what it breaks is nothing that a ledger can tell. Each is seen by a test of its chapter.
 */
export const SEEN_ELSEWHERE: Readonly<Partial<Record<BugName, string>>> = {
  'merge.commitWithoutCatchUp': OF_STORE,
  'txn.asyncCommittedButRolledBack': OF_CLIENT,
  'txn.asyncFallbackNotIdempotent': OF_MVCC,
  'txn.asyncNotLinearizable': OF_CLIENT,
  'txn.commitIgnoresMinCommitTs': OF_MVCC,
  'txn.commitReportedConflict': OF_MVCC,
  'txn.lazyCheckInconsistent': OF_CLIENT,
  'txn.maxTsNotSynced': OF_CLIENT,
  'txn.overlappedRollbackLost': OF_MVCC,
  'txn.primarySwitched': OF_MVCC,
  'txn.resolvedCachePessimistic': OF_CLIENT,
  'txn.rollbackCollapsed': OF_MVCC,
  'txn.secondaryCheckLeavesNoRollback': OF_MVCC,
  'txn.staleForceLockCommitted': OF_MVCC,
  'txn.ttlManagerStops': OF_CLIENT,
  'gc.ignoresRunningTransactions': OF_GC,
  'gc.leavesLocks': OF_GC,
  'mem.fallbackCycle': OF_COPR,
  'mem.goroutineStuckInSend': OF_COPR,
  'mem.rateLimitMasksQuota': OF_COPR,
  'mem.rateLimit.suspendAll': OF_COPR,
  'mem.rateLimit.tokenNotReturned': OF_COPR,
  'mem.mapGrowthNotCharged': OF_SPILLS,
  'mem.spillModeNeverEnds': OF_SPILLS,
  'read.resolvedTsIgnoresLocks': OF_PAST,
  'pd.mergeLimitIgnored': OF_PD,
  'pd.mergeOpHalfCancelled': OF_PD,
  'pd.operatorOnStaleRegion': OF_PD,
  'raft.apply-before-persist': OF_RAFT,
  'raft.commit-old-term-by-count': OF_RAFT,
  'raft.conf-change-while-pending': OF_RAFT,
  'raft.late-good-night': OF_RAFT,
  'raft.leader-counts-itself-before-persist': OF_RAFT,
  'raft.pre-vote-bumps-term': OF_RAFT,
  'raft.single-step-joint': OF_RAFT,
  'raft.stale-snapshot-rolls-back': OF_RAFT,
  'raft.uninitialised-peer-forgets-vote': OF_RAFT,
  'raft.vote-ignores-lease': OF_RAFT,
};
