import type { Peer, Proposer } from './peer.ts';

/** Applied entries below which nothing is collected (`raft-log-gc-threshold`). */
const THRESHOLD = 50;
/**
 * Entries kept for the sake of a peer that lags; beyond, it gets a snapshot (`…-count-limit`). TiKV
 * derives 73,728 from the size of a region, 96 MiB, and so it shrinks with the scale.
 */
const COUNT_LIMIT_PER_KEY = 73_728 / 657_930;

const NOBODY: Proposer = { applied: () => {}, refused: () => {} };

/**
 * The leader proposes to forget the part of the log that every peer has. Source: TiKV
 * `on_raft_gc_log_tick`.
 */
export function collectLogGarbage(peer: Peer): void {
  const { raft, storage, region, store } = peer;
  if (!peer.isLeader || storage.merging !== undefined) return;
  const { truncatedIndex } = storage.log;
  let index = storage.applied;
  if (index - truncatedIndex < THRESHOLD) return;
  for (const { id } of region.peers) {
    if (id !== peer.id) index = Math.min(index, raft.progress(id)?.match ?? 0);
  }
  const countLimit = COUNT_LIMIT_PER_KEY * store.context.costs.regionSplitKeys;
  if (storage.applied - truncatedIndex > countLimit) index = storage.applied;
  if (index - truncatedIndex < THRESHOLD) return;
  peer.propose({ kind: 'compact-log', epoch: region.epoch, index: index - 1 }, NOBODY);
}
