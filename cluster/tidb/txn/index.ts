/**
 * # The transaction client
 *
 * The part of a TiDB node that talks to TiKV and PD: client-go's job. Life of a posting:
 *
 * ```
 *   begin      TxnStorage.begin ─ PdClient.timestamp                     start_ts
 *   read       SelectResult.next (`../copr`) ─ RegionRequestSender.read       chunks
 *   lock       Txn.lockKeys ─ primary first ─ TtlManager.start           pessimistic locks
 *   write      MemBuffer.put                                             nothing leaves the node
 *   commit     TwoPhaseCommit.run: Prewriter.run ─ (all keys, later)            async commit
 *              or: Prewriter.run ─ commit_ts ─ commit primary ─ (secondaries, later)
 * ```
 *
 * **Trouble is ordinary.** A region has moved or split: the store refuses, the cache learns
 * (`region-cache.ts`), the keys are located anew (`region-request.ts`). Another transaction's lock
 * is in the way: its primary is asked and decides (`lock-resolver.ts`). A store does not answer:
 * wait and try again, within a budget (`backoff.ts`).
 *
 * **Undetermined results.** When the answer to the request that decides is lost (the commit of the
 * primary; with async commit any prewrite) and no later answer settles what happened, nobody may
 * claim to know. The connection is closed; the client sees
 * that and nothing else (`two-phase-commit.ts`).
 *
 * **Other people's leftovers.** A lock met on the way may belong to a client that is gone. Its
 * primary is asked, and for an async commit all of its keys (`async-commit-recovery.ts`). What
 * nobody meets is found by the garbage collector before it drops old versions (`gc-worker.ts`).
 *
 * **Replicas.** A snapshot may be read from a follower (`RegionRequestSender.read`), which asks its
 * leader how far it must have come. Reads of the past go the same way.
 *
 * Left out: stale reads without a word to the leader (resolved timestamps), replica selectors that
 * know of slow stores, request batching of gRPC.
 */

export { TxnClient } from './client.ts';
export { GcState } from './gc-state.ts';
export { type GcSettings, GcWorker } from './gc-worker.ts';
export { TxnStorage } from './storage.ts';
