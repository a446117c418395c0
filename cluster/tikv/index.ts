/**
 * # TiKV, a store
 *
 * A store keeps regions: ranges of keys, each with an epoch. A request names the region and the
 * epoch it was meant for, and goes this way:
 *
 * ```
 * onCall ─▶ region check ─▶ cores (cpu) ─▶ read:  coprocessor, point get ─▶ respond
 *           (RegionError)              └─▶ write: latches ─▶ Percolator rule (mvcc)
 *                                                 ─▶ list of Modify ─▶ disk ─▶ apply ─▶ respond
 * ```
 *
 * `store.ts` is that road, `write-command.ts` the lower branch. `columns/` is the storage engine:
 * typed columns in key order, a lock table beside them. `latches.ts` keeps two commands on one key
 * apart, `lock-manager.ts` lets lock requests wait, `deadlock-detector.ts` sees when they would
 * wait for ever.
 *
 * As in TiKV: region and epoch checks, latches, group commit, wake-up order, the detector on the
 * store of the first region, loss of everything in memory at a kill. Simplified: a region is a
 * single durable copy until stores run Raft. Absent: flow control, compaction, snapshots.
 */

export { Engine } from './columns/engine.ts';
export { Store, type StoreContext } from './store.ts';
