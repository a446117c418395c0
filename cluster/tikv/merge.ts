/**
 * Merging two neighbours (TiKV `raftstore::store::fsm::peer`, "merge"):
 *
 * ```
 *   source  ── prepare-merge ──▶ frozen ─────────────────────────▶ gone
 *                                  │  every 2 s, at its leader's side:
 *                                  │  propose to the local target
 *   target  ─────────────────── commit-merge ──▶ owns both ranges
 *                                  │
 *                  target changed meanwhile: rollback-merge ──▶ source goes on
 * ```
 *
 * Both regions have peers on the same stores, so no data moves. What must hold: when a target's
 * peer applies commit-merge, the source's peer beside it has applied everything up to
 * prepare-merge. The command therefore carries the end of the source's log. And a rollback must
 * exclude a commit: commit-merge names the target's epoch of the time of prepare-merge, so once the
 * target has moved on from that epoch, no commit-merge can be applied any more.
 */
import type { Outcome } from './apply.ts';
import type { RaftCommand } from './command.ts';
import { isOlder } from './epoch.ts';
import type { Peer, Proposer } from './peer.ts';
import type { RegionEpoch, RegionError, RegionInfo } from './request.ts';

type PrepareMerge = Extract<RaftCommand, { kind: 'prepare-merge' }>;
type CommitMerge = Extract<RaftCommand, { kind: 'commit-merge' }>;
type RollbackMerge = Extract<RaftCommand, { kind: 'rollback-merge' }>;

/** How far a peer of the source may lag behind its leader (`merge-max-log-gap`). */
const MAX_LOG_GAP = 10;

/** Nobody waits: PD sees what has become of its operator. */
const NOBODY: Proposer = { applied: () => {}, refused: () => {} };

/** PD wants `source` merged into `target`. Returns why not, if that cannot begin. */
export function proposeMerge(source: Peer, target: RegionInfo): RegionError | undefined {
  const { region, raft, store } = source;
  const local = store.peers.get(target.id);
  if (local === undefined || !areNeighbours(region, local.region)) return not('no such neighbour');
  if (!sameStores(region, local.region)) return not('peers on different stores');
  if (local.storage.merging !== undefined) return not('the target merges');
  let minIndex = raft.lastIndex;
  for (const { id } of region.peers) {
    const match = id === source.id ? raft.lastIndex : (raft.progress(id)?.match ?? 0);
    if (raft.lastIndex - match > MAX_LOG_GAP) return not('a peer lags behind');
    minIndex = Math.min(minIndex, match);
  }
  if (minIndex < source.storage.log.truncatedIndex) return not('entries are compacted');
  source.withLocksProposed(() => {
    const { epoch } = source.region;
    const target = local.region;
    source.propose({ kind: 'prepare-merge', epoch, target, minIndex: minIndex + 1 }, NOBODY);
  });
  return undefined;
}

/** The source stops: from here on it takes no proposals and serves no reads. */
export function applyPrepareMerge(source: Peer, command: PrepareMerge, index: number): void {
  const { storage, store } = source;
  const { version, confVer } = storage.region.epoch;
  const epoch = { version: version + 1, confVer: confVer + 1 };
  storage.region = { ...storage.region, epoch };
  storage.merging = { target: command.target, commit: index, minIndex: command.minIndex };
  source.lease.suspect(store.nowUs);
  if (source.isLeader) store.pd.reportRegion(source);
  store.checkMergeSoon(source);
}

/**
 * What a peer of a frozen source does from time to time: it proposes to the target beside it, which
 * has effect where that leads; or, leading itself, it gives up when the target has changed.
 */
export function checkMerge(source: Peer): void {
  const { merging } = source.storage;
  if (merging === undefined || source.destroyed) return;
  const { peers, storage } = source.store;
  const target = peers.get(merging.target.id);
  // A target that is no longer here may have been merged itself, or moved.
  const epoch = (target ?? storage.tombstones.get(merging.target.id))?.region.epoch;
  if (epoch === undefined) return;
  if (!sameEpoch(epoch, merging.target.epoch)) {
    if (source.isLeader && isOlder(merging.target.epoch, epoch)) rollBack(source);
    return;
  }
  if (target?.isLeader !== true) return;
  const { log } = source.storage;
  const entries =
    merging.minIndex > merging.commit
      ? []
      : log.slice(
          Math.max(merging.minIndex, log.truncatedIndex + 1),
          merging.commit,
          Number.POSITIVE_INFINITY,
        );
  target.propose(
    {
      kind: 'commit-merge',
      epoch: merging.target.epoch,
      source: source.region,
      commit: merging.commit,
      entries,
    },
    NOBODY,
  );
}

function rollBack(source: Peer): void {
  const { merging } = source.storage;
  if (merging === undefined) return;
  const { epoch } = source.region;
  source.propose({ kind: 'rollback-merge', epoch, commit: merging.commit }, NOBODY);
}

/**
 * The target takes the source in. If the source's peer on this store lags, it is given the entries
 * it lacks; if it is not there yet, the target waits for it.
 */
export function applyCommitMerge(target: Peer, command: CommitMerge): Outcome {
  const { store, storage } = target;
  const source = store.peers.get(command.source.id);
  if (source === undefined || !catchUp(source, command)) return 'wait';
  const { region } = storage;
  const left = region.startKey === command.source.endKey && region.startKey !== '';
  const before = region.epoch;
  const version = Math.max(before.version, command.source.epoch.version) + 1;
  storage.region = {
    ...region,
    startKey: left ? command.source.startKey : region.startKey,
    endKey: left ? region.endKey : command.source.endKey,
    epoch: { version, confVer: before.confVer },
  };
  target.approximateRecords = 0;
  store.destroy(source, storage.region);
  store.witness.merged(storage.region, command.source, target.isLeader);
  if (target.isLeader) store.tookOver(target);
  return 'done';
}

/**
 * Has the local source apply all it had agreed to; false if it cannot yet. Entries that come before
 * those of the command are in its own log, since it had acknowledged them when the merge began; it
 * may not have heard that they are committed, and nobody is left to tell.
 */
function catchUp(source: Peer, { commit, entries }: CommitMerge): boolean {
  if (source.store.bugs.has('merge.commitWithoutCatchUp')) return true;
  const { applied, log } = source.storage;
  if (applied >= commit) return true;
  const given = entries[0]?.index ?? commit + 1;
  if (log.lastIndex < given - 1) return false;
  source.applyDetached(log.slice(applied + 1, given - 1, Number.POSITIVE_INFINITY));
  source.applyDetached(entries);
  return true;
}

/** The source goes on by itself. */
export function applyRollbackMerge(source: Peer, command: RollbackMerge): void {
  const { storage, store } = source;
  if (storage.merging?.commit !== command.commit) return;
  storage.merging = undefined;
  const { version, confVer } = storage.region.epoch;
  storage.region = { ...storage.region, epoch: { version: version + 1, confVer } };
  if (source.isLeader) store.pd.reportRegion(source);
}

function areNeighbours(a: RegionInfo, b: RegionInfo): boolean {
  return (
    (a.endKey !== '' && a.endKey === b.startKey) || (b.endKey !== '' && b.endKey === a.startKey)
  );
}

function sameStores(a: RegionInfo, b: RegionInfo): boolean {
  if (a.peers.length !== b.peers.length) return false;
  const voterOn = (region: RegionInfo, node: number): boolean =>
    region.peers.some(({ store, role }) => store === node && role === 'voter');
  return a.peers.every(({ store }) => voterOn(a, store) && voterOn(b, store));
}

function sameEpoch(a: RegionEpoch, b: RegionEpoch): boolean {
  return a.version === b.version && a.confVer === b.confVer;
}

function not(reason: string): RegionError {
  return { kind: 'ServerIsBusy', reason };
}
