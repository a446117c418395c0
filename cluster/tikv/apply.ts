import type { Lock } from '../mvcc/records.ts';
import type { Entry } from '../raft/index.ts';
import type { RaftCommand } from './command.ts';
import { applyMembers } from './conf-change.ts';
import { commandFits } from './epoch.ts';
import { collectGarbage } from './gc.ts';
import { applyIngest } from './ingest.ts';
import { applyCommitMerge, applyPrepareMerge, applyRollbackMerge } from './merge.ts';
import type { Peer } from './peer.ts';
import type { RegionError } from './request.ts';
import { applySplit } from './split.ts';

/** What became of an entry: done, refused because the region has changed, or not possible yet. */
export type Outcome = 'done' | 'wait' | RegionError;

/**
 * Applies one committed entry to a peer's region. Every peer comes to the same outcome, because it
 * depends on nothing but the entries before. Source: TiKV `raftstore::store::fsm::apply`.
 */
export function applyCommand(peer: Peer, entry: Entry<RaftCommand>, released: Lock[]): Outcome {
  const { payload } = entry;
  if (payload === undefined) return 'done';
  const fits = commandFits(payload, peer.region);
  const trusting = payload.kind === 'write' && peer.store.bugs.has('raft.applySkipsEpochCheck');
  if (entry.kind === 'conf-change') {
    return applyMembers(peer, entry, payload, fits) ? 'done' : outdated(peer);
  }
  if (!fits && !trusting) return outdated(peer);
  switch (payload.kind) {
    case 'write':
      peer.store.engine.apply(payload.modifies, (lock) => released.push(lock));
      peer.locks.applied(payload.modifies, released);
      peer.store.splitCheck.wrote(peer, payload.modifies.length);
      return 'done';
    case 'batch-split':
      applySplit(peer, payload);
      return 'done';
    case 'prepare-merge':
      applyPrepareMerge(peer, payload, entry.index);
      return 'done';
    case 'commit-merge':
      return applyCommitMerge(peer, payload);
    case 'rollback-merge':
      applyRollbackMerge(peer, payload);
      return 'done';
    case 'gc':
      collectGarbage(peer.store.engine, peer.region, payload.safePoint);
      return 'done';
    case 'ingest-sst':
      return applyIngest(peer, payload.run);
    case 'compact-log':
      compactLog(peer, payload.index);
      return 'done';
    case 'change-peer':
      throw new Error('a change of members travels as a conf-change entry');
  }
}

function outdated(peer: Peer): RegionError {
  return peer.store.epochNotMatch(peer.region);
}

/** The log up to `index` is known to every peer, or so long that a snapshot is cheaper. */
function compactLog(peer: Peer, index: number): void {
  if (index <= peer.storage.log.truncatedIndex || peer.detached) return;
  peer.raft.compact(index);
  peer.storage.log.compact(index);
}
