import type { Modify } from '../cluster/mvcc/engine.ts';
import { type KeyError, type Lock, WRITE_PUT, WRITE_ROLLBACK } from '../cluster/mvcc/index.ts';
import type { Entry } from '../cluster/raft/index.ts';
import type { RpcError } from '../cluster/sim/index.ts';
import { decodeBound } from '../cluster/tikv/columns/bound.ts';
import type { RaftCommand } from '../cluster/tikv/command.ts';
import type { Engine } from '../cluster/tikv/index.ts';
import type { Peer } from '../cluster/tikv/peer.ts';
import type { KvReply, KvReplyBody, RegionError, RegionInfo } from '../cluster/tikv/request.ts';
import { keyOf, nameOf } from './mvcc-world.ts';

const { space: SPACE } = keyOf('');

/** Says whose timestamp it is. */
export type Namer = (startTs: number) => string;

/** The name of an encoded bound; '' where there is none. */
function boundName(encoded: string): string {
  return encoded === '' ? '' : String(decodeBound(SPACE, encoded).values[0]);
}

/** `1 [a, m)`. */
export function rangeOf({ id, startKey, endKey }: RegionInfo): string {
  return `${id} [${boundName(startKey)}, ${boundName(endKey)})`;
}

/** `1 [a, m) version=2 conf=1`. */
export function shownRegion(region: RegionInfo): string {
  const { version, confVer } = region.epoch;
  return `${rangeOf(region)} version=${version} conf=${confVer}`;
}

/** `2@tikv-1 3@tikv-2 4@tikv-3(learner)`. */
export function shownPeers({ peers }: RegionInfo): string {
  const words = peers.map(({ id, store, role }) => {
    return `${id}@tikv-${store}${role === 'voter' ? '' : `(${role})`}`;
  });
  return words.join(' ');
}

/** What a peer is and how far it has come. */
export function shownPeer(peer: Peer): string {
  const { raft, storage, locks, region } = peer;
  if (!storage.initialised) return `peer ${peer.id} knows nothing yet, term ${raft.term}`;
  const parts = [`peer ${peer.id} ${roleOf(peer)} in term ${raft.term}`];
  parts.push(`applied ${storage.applied}`, shownRegion(region));
  if (storage.merging !== undefined) parts.push(`merging into ${storage.merging.target.id}`);
  if (peer.stalled.length > 0) parts.push('waits for the source of a merge');
  if (locks.size > 0) parts.push(`${locks.size} locks in memory`);
  if (raft.hibernated) parts.push('asleep');
  return parts.join(', ');
}

function roleOf({ isLeader, leaderStore, raft }: Peer): string {
  if (isLeader) return 'leads';
  return leaderStore === undefined ? `is ${raft.role}` : `follows tikv-${leaderStore}`;
}

/** What answers a request. */
export function shownReply(
  reply: KvReply | undefined,
  error: RpcError | undefined,
  name: Namer,
): string {
  if (error !== undefined) return error.reason;
  if (reply?.regionError !== undefined) return shownRegionError(reply.regionError);
  return reply?.body === undefined ? 'nothing' : shownBody(reply.body, name);
}

/** A region error and what it says. */
function shownRegionError(error: RegionError): string {
  switch (error.kind) {
    case 'NotLeader': {
      const { leaderStore } = error;
      return `NotLeader, ${leaderStore === undefined ? 'nobody known' : `tikv-${leaderStore} may`}`;
    }
    case 'EpochNotMatch':
      return `EpochNotMatch, now ${error.currentRegions.map(shownRegion).join(' and ')}`;
    case 'ServerIsBusy':
      return `ServerIsBusy, ${error.reason}`;
    default:
      return error.kind;
  }
}

function shownBody(body: KvReplyBody, name: Namer): string {
  switch (body.kind) {
    case 'get':
      if (body.locked !== undefined) return `locked by ${name(body.locked.startTs)}`;
      return body.value === undefined ? 'none' : body.value.join(',');
    case 'split-region':
      return body.regions.map(shownRegion).join(' and ');
    case 'scan-lock':
      return body.locks.map((lock) => shownLock(lock, name)).join(', ') || 'none';
    case 'prewrite':
    case 'pessimistic-lock':
    case 'commit':
    case 'pessimistic-rollback':
    case 'batch-rollback':
    case 'resolve-lock':
      return body.errors.map((error) => shownKeyError(error, name)).join(', ') || 'ok';
    default:
      return body.kind;
  }
}

function shownKeyError(error: KeyError, name: Namer): string {
  switch (error.kind) {
    case 'KeyIsLocked':
      return `KeyIsLocked ${nameOf(error.lock.key)} by ${name(error.lock.startTs)}`;
    case 'WriteConflict':
      return `WriteConflict ${nameOf(error.key)} (${error.reason})`;
    case 'Deadlock':
      return `Deadlock at ${nameOf(error.key)}, held by ${name(error.lockTs)}`;
    case 'PessimisticLockNotFound':
    case 'AlreadyExist':
    case 'CommitTsExpired':
      return `${error.kind} ${nameOf(error.key)}`;
    default:
      return error.kind;
  }
}

/** `a pessimistic by t1`. */
export function shownLock({ key, type, startTs }: Lock, name: Namer): string {
  return `${nameOf(key)} ${type} by ${name(startTs)}`;
}

/** `6@7 write a=1`, where `-` is the entry with which a leader begins its term. */
export function shownEntry({ index, term, payload }: Entry<RaftCommand>): string {
  return `${index}@${term} ${payload === undefined ? '-' : shownCommand(payload)}`;
}

function shownCommand(command: RaftCommand): string {
  switch (command.kind) {
    case 'write':
      return `write ${command.modifies.map(shownModify).join(' ')}`;
    case 'batch-split':
      return `batch-split at ${command.keys.map(boundName).join(' ')}`;
    case 'change-peer':
      return `change-peer to ${shownPeers({ ...NO_REGION, peers: command.peers })}`;
    case 'prepare-merge':
      return `prepare-merge into ${command.target.id}`;
    case 'commit-merge': {
      const entries = command.entries.map(({ index }) => index).join(' ');
      return `commit-merge of ${command.source.id} with entries ${entries}`.trimEnd();
    }
    case 'compact-log':
      return `compact-log to ${command.index}`;
    default:
      return command.kind;
  }
}

const NO_REGION: RegionInfo = {
  ...{ id: 0, startKey: '', endKey: '', peers: [] },
  epoch: { confVer: 0, version: 0 },
};

function shownModify(modify: Modify): string {
  switch (modify.kind) {
    case 'put-lock':
      return `lock(${nameOf(modify.lock.key)})`;
    case 'delete-lock':
      return `unlock(${nameOf(modify.key)})`;
    case 'put-write': {
      const { key, write, value } = modify;
      if (write.type === WRITE_PUT) return `${nameOf(key)}=${value?.join(',')}`;
      return `${write.type === WRITE_ROLLBACK ? 'rollback' : 'record'}(${nameOf(key)})`;
    }
    case 'delete-write':
      return `forget(${nameOf(modify.key)})`;
  }
}

/** The newest values in a store, in order of keys: `a=1 b=2`. */
export function shownData(engine: Engine): string {
  const words: string[] = [];
  for (const tree of engine.allTrees()) {
    for (const leaf of tree.leaves) {
      for (let at = 0; at < leaf.rows; at++) {
        if (leaf.continues(at) || leaf.type(at) !== WRITE_PUT) continue;
        words.push(`${boundName(leaf.keyAt(at))}=${leaf.valuesAt(at).join(',')}`);
      }
    }
  }
  return words.join(' ') || 'nothing';
}
