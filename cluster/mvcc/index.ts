/**
 * # Percolator: transactions over many versions
 *
 * A store keeps every key in up to three column families:
 *
 * - **lock**: who is changing the key now; at most one lock, and it carries the new value;
 * - **write**: what became of the key, one record per commit or rollback, newest first;
 * - **default**: long values apart from their records. Here a value always lies with its lock or
 *   its record, so there is no third family.
 *
 * The files of this folder are TiKV's commands, one each. A command is a pure function: it reads
 * through an `MvccReader` and answers with a list of `Modify`, or with errors and no modification.
 * The store latches the keys, runs the command, replicates the list as one Raft command and applies
 * it whole. Nothing here waits, sends or knows what time it is: all time is in the request's
 * timestamps.
 *
 * ## A transaction in five steps
 *
 * 1. *Begin.* The client takes `startTs` from the oracle: its snapshot and its name.
 * 2. *Read* (`reader.ts`). The newest put or delete at or below `startTs`, unless a lock may still
 *    turn into a commit in there; then the reader asks that lock's primary (step 5).
 * 3. *Lock* (`acquire-pessimistic-lock.ts`; pessimistic only). Each statement locks what it is
 *    about to use, at a `forUpdateTs` of its own. A record newer than that means the statement read
 *    too early: it starts over with a newer one.
 * 4. *Prewrite* (`prewrite.ts`). Every mutation becomes a lock that names one key of the
 *    transaction, the primary. An optimistic transaction checks for newer versions only here.
 * 5. *Commit* (`commit.ts`). `commitTs` is taken from the oracle; replacing the primary's lock
 *    by a write record decides the transaction in one atomic step. The other keys follow at
 *    leisure. Whoever meets one of their locks meanwhile asks the primary (`check-txn-status.ts`:
 *    committed, rolled back, alive, or dead by its TTL and rolled back there and then) and finishes
 *    the work (`resolve-lock.ts`).
 *
 * ## Without the second phase
 *
 * *Async commit.* The commit timestamp need not come from the oracle: a store may calculate one
 * above every timestamp it has been read at (`max_ts`), because then no snapshot that anyone holds
 * can change. So prewrite puts a `minCommitTs` into each lock, and the primary's lock names all
 * other keys. Once the last key is locked the transaction is committed, at the greatest of these
 * timestamps; the client answers and tells the keys afterwards. If the client dies, whoever meets a
 * lock asks *all* keys (`check-secondary-locks.ts`): all locked means committed; a key without its
 * lock gets a protected Rollback, so that the prewrite which would have completed the transaction
 * can never succeed.
 *
 * *One-phase commit.* If one request holds the whole transaction, the records are written at once.
 *
 * ```
 *   reads so far:      …  r@20  r@30                 max_ts = 30
 *   prewrite a, b:     lock a min=31, lock b min=31  shown in memory until they are in the store
 *   read at 31:        KeyIsLocked                   it came after: it must wait
 *   read at 30:        passes by                     it came before: it sees the old version
 * ```
 *
 * What can go wrong hangs together here. A read must move `max_ts` before it looks for locks, and a
 * lock must be visible before its timestamp is final (`tikv/concurrency-manager.ts`). A new leader
 * knows nothing of the reads before it (`tikv/max-ts-sync.ts`). A calculated timestamp can be
 * somebody's start timestamp: if that transaction is rolled back on the same key, the lock
 * remembers it (`rollbackTs`), or the commit record would bury the rollback. And a transaction that
 * is slow, or whose request comes twice, must be told what its first attempt decided
 * (`prewrite.ts`).
 *
 * Along the way `txn-heart-beat.ts` keeps a long transaction's primary alive,
 * `pessimistic-rollback.ts` lets go of locks a failed statement took, and `rollback.ts` gives a
 * transaction up.
 *
 * ## What a store holds
 *
 * Time runs up; `r1`, `r2` are rows of one account. T1 (start 10) locks the last row `r1` without
 * changing it and inserts `r2`; T3 (start 30) was given up.
 *
 * ```
 *   ts │ r1                    r2
 *   40 │                       lock put start=40 ──▶ primary elsewhere
 *   30 │ Rollback start=30
 *   20 │ Lock     start=10     Put start=10  "r2"      T1 commits both at 20
 *   10 │
 *    5 │ Put      start=3 "r1"
 *
 *   read r1 at 35:  30 is a Rollback, 20 is a Lock, 5 is a Put → "r1"
 *   read r2 at 15:  nothing at or below 15 → absent; the lock began later and does not matter
 *   read r2 at 45:  the lock may commit at or below 45 → KeyIsLocked
 * ```
 *
 * A Rollback record stands at `startTs`. It is there for requests that come too late: the prewrite
 * of T3 that was stuck in the network for a minute finds it and is refused. Rollbacks nobody needs
 * are collapsed into the next one; *protected* ones are not. If somebody else's commit occupies the
 * place, the rollback survives as a flag on that record (*overlapped*).
 *
 * ## Why the ledger hinges on Lock records
 *
 * A posting reads the last row of an account `FOR UPDATE` and inserts its successor. No unique key
 * and no gap lock keeps two postings from inserting the same successor: the only mutual exclusion
 * is the pessimistic lock on a row that *neither of them changes*. When the first commits, that
 * lock becomes the record `Lock start=10` above, and that record is all the second one can notice.
 * It waited with `forUpdateTs` 15; it wakes, sees 20 > 15, gets WriteConflict, reads again at a
 * newer timestamp, and finds `r2` to be the last row. Drop that record, or skip it in the conflict
 * check, or keep the old `forUpdateTs`, and money is lost without any error. The defects
 * `txn.lockRecordDropped`, `txn.conflictCheckIgnoresLockType` and `txn.staleForUpdateTs` do just
 * that.
 *
 * ## Left out
 *
 * The GC fence: garbage is collected through the log (`tikv/gc.ts`), the same everywhere. Fair
 * locking, which locks in spite of a conflict. Assertions, lazy uniqueness checks, shared locks,
 * pipelined DML. The isolation level READ COMMITTED.
 *
 * Sources: Peng and Dabek, "Large-scale Incremental Processing Using Distributed Transactions and
 * Notifications" (OSDI 2010), §2.2; TiKV `src/storage/txn/commands` and `actions`,
 * `components/txn_types`; tikv issues 7364 (collapsed rollbacks), 11187 (retried prewrite), 14551
 * (stale pessimistic lock at commit), 9884 and 12369 (repeated prewrites of async commits); tidb
 * issues 42937 (primary mismatch), 33641 (late prewrites). The design of async commit: TiKV's
 * `docs` and TiDB's "async commit" proposal (2020).
 */
export { type AcquireResult, acquirePessimisticLock } from './acquire-pessimistic-lock.ts';
export {
  type CheckSecondaryLocksResult,
  checkSecondaryLocks,
} from './check-secondary-locks.ts';
export { type CheckTxnStatusResult, checkTxnStatus } from './check-txn-status.ts';
export { commit } from './commit.ts';
export { MAX_TS, type Modify, type MvccReader, type WriteCursor } from './engine.ts';
export { pessimisticRollback } from './pessimistic-rollback.ts';
export { type PrewriteResult, prewrite } from './prewrite.ts';
export { blockingLock, blocksRead, visibleValue } from './reader.ts';
export * from './records.ts';
export type * from './request.ts';
export { type ResolveLockKeys, resolveLock } from './resolve-lock.ts';
export { batchRollback } from './rollback.ts';
export type { CommandResult, Rules } from './rules.ts';
export { type HeartBeatResult, txnHeartBeat } from './txn-heart-beat.ts';
