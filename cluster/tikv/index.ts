/**
 * # TiKV, a store
 *
 * A store keeps peers: replicas of regions, which are ranges of keys, each with an epoch. A request
 * names the region and the epoch it was meant for, and goes this way:
 *
 * ```
 * onCall ─▶ region check ─▶ cores ─▶ read:  leader's lease, or a quorum ─▶ coprocessor, point get
 *           (RegionError)        └─▶ write: latches ─▶ lease or quorum ─▶ Percolator rule (mvcc)
 *                                      ─▶ list of Modify ─▶ Raft ─▶ applied by every peer ─▶ answer
 * ```
 *
 * `store.ts` is that road, `write-command.ts` the lower branch; `latches.ts` keeps two commands on
 * one key apart, `lock-manager.ts` lets lock requests wait, `deadlock-detector.ts` sees when they
 * would wait for ever, `concurrency-manager.ts` and `max-ts-sync.ts` allow timestamps to be
 * calculated.
 *
 * Who does not lead may answer, too: `replica-read.ts` asks the leader how far it has come,
 * `stale-read.ts` reads a past that `resolved-ts.ts` knows to be settled and
 * `region-read-progress.ts` knows to have arrived.
 *
 * Below it lies the raftstore. `raft-store.ts` is its loop: it drives the peers (`peer.ts`) of all
 * regions, batches what they send and write, and applies what they have committed (`apply.ts`).
 * `command.ts` lists what regions agree on; each kind has its file: `split.ts`, `merge.ts`,
 * `conf-change.ts`, `raft-log-gc.ts`, `snapshot.ts`. `epoch.ts` says when a command no longer means
 * the region as it is, `lease.ts` when a leader may read without asking. `pd-worker.ts` talks to
 * PD.
 *
 * `columns/` is the storage engine, one a store: typed columns in key order, a lock table beside
 * them. Leaves are shared by reference between a snapshot and the stores that send and install it.
 *
 * As in TiKV: all of the above, hibernation, log truncation, tombstones, votes for regions that a
 * split is still to make, the detector on the leader of the first region. Simplified: what is
 * applied is in the engine at once and survives any crash, since the synced log would bring it
 * back; regions are resolved once a replica of theirs is read stale. Absent: flow control,
 * compaction.
 */
export { Engine } from './columns/engine.ts';
export { PeerStorage, StoreStorage } from './peer-storage.ts';
export { Store, type StoreContext } from './store.ts';
export type { Witness } from './witness.ts';
