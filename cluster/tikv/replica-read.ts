import type { Bugs } from '../bugs.ts';
import type { Lock } from '../mvcc/records.ts';
import type { Call } from '../sim/index.ts';
import { decodeBound } from './columns/bound.ts';
import type { ConcurrencyManager } from './concurrency-manager.ts';
import type {
  BatchGetRequest,
  CopRequest,
  GetRequest,
  KvReply,
  KvReplyBody,
  KvRequest,
  ReadIndexReply,
  ReadIndexRequest,
  RegionError,
} from './request.ts';
import type { Store } from './store.ts';

/** What a follower may answer. */
export type ReplicaReadBody = GetRequest | BatchGetRequest | CopRequest;

/** How long a follower waits for its leader's word, µs. */
const READ_INDEX_US = 10_000_000;

/**
 * Follower read: a replica that does not lead answers as if it did. It asks the leader how far the
 * log has been applied, waits until it has come as far, and reads its own copy.
 *
 * The leader must know of the read, or an async commit could calculate a timestamp below it; and a
 * lock that the leader keeps in memory while it is on its way would not be seen by the follower. So
 * the question carries the timestamp and the keys, and the answer may be a lock. Source: TiKV
 * `raftstore` ReadIndex with `ReadIndexRequest.key_ranges`, `concurrency_manager`.
 */
export function readOnFollower(store: Store, call: Call, request: KvRequest): void {
  const error = checkFollower(store, request);
  const leader = store.raft.peers.get(request.region)?.leaderStore;
  if (error !== undefined || leader === undefined) {
    call.respond({ regionError: error ?? NOT_READY }, 1);
    return;
  }
  const body = request.body as ReplicaReadBody;
  const question: KvRequest = { ...request, replicaRead: false, body: readIndexOf(body) };
  const { process } = store.context;
  const askedUs = process.world.nowUs;
  process.call(leader, question, body.readTs | 0, READ_INDEX_US, (answer, rpcError) => {
    const reply = rpcError === undefined ? (answer as KvReply) : { regionError: NOT_READY };
    const known = reply.body as ReadIndexReply | undefined;
    if (known === undefined) call.respond({ regionError: NOT_READY }, 1);
    else if (known.locked !== undefined) call.respond({ body: lockedReply(body, known.locked) }, 1);
    else readAt(store, call, request, { index: known.index, askedUs });
  });
}

const NOT_READY: RegionError = { kind: 'ReadIndexNotReady' };

/** A peer that is here, has data, and knows the region as the client does. */
export function checkFollower(store: Store, { region, epoch }: KvRequest): RegionError | undefined {
  const peer = store.raft.peers.get(region);
  if (peer === undefined || !peer.storage.initialised) return { kind: 'RegionNotFound' };
  if (peer.region.epoch.version === epoch.version) return undefined;
  return store.raft.epochNotMatch(peer.region);
}

function readAt(
  store: Store,
  call: Call,
  request: KvRequest,
  { index, askedUs }: { readonly index: number; readonly askedUs: number },
): void {
  const peer = store.raft.peers.get(request.region);
  if (peer === undefined) {
    call.respond({ regionError: { kind: 'RegionNotFound' } }, 1);
    return;
  }
  peer.whenApplied(index, askedUs, (reason) => {
    const error = reason ?? checkFollower(store, request);
    if (error === undefined) {
      store.context.witness.readOnReplica();
      store.serve(call, request);
    } else call.respond({ regionError: error }, 1);
  });
}

function readIndexOf(body: ReplicaReadBody): ReadIndexRequest {
  const { readTs, bypass } = body;
  if (body.kind === 'cop') {
    return { kind: 'read-index', readTs, bypass, keys: [], ranges: body.ranges };
  }
  const keys = body.kind === 'get' ? [body.key] : body.keys;
  return { kind: 'read-index', readTs, bypass, keys, ranges: [] };
}

function lockedReply(body: ReplicaReadBody, locked: Lock): KvReplyBody {
  if (body.kind === 'get') return { kind: 'get', locked };
  if (body.kind === 'batch-get') {
    return { kind: 'batch-get', values: body.keys.map(() => undefined), locked: [locked] };
  }
  const nothing = { columns: [], rows: 0, processedKeys: 0, totalKeys: 0 };
  return { kind: 'cop', ...nothing, processUs: 0, waitUs: 0, locked };
}

/** The leader's side: notes the read, and answers with how far its log is applied. */
export function answerReadIndex(
  concurrency: ConcurrencyManager,
  applied: number,
  request: ReadIndexRequest,
  bugs: Bugs,
): ReadIndexReply {
  const { readTs, bypass } = request;
  const reply: ReadIndexReply = { kind: 'read-index', index: applied };
  if (bugs.has('read.followerTellsNobody')) return reply;
  concurrency.willRead(readTs);
  const locked = firstLock(concurrency, request, readTs, bypass);
  return locked === undefined ? reply : { ...reply, locked };
}

function firstLock(
  concurrency: ConcurrencyManager,
  { keys, ranges }: ReadIndexRequest,
  readTs: number,
  bypass: readonly number[],
): Lock | undefined {
  for (const key of keys) {
    const lock = concurrency.blocking(key, readTs, bypass);
    if (lock !== undefined) return lock;
  }
  for (const { space, start, end } of ranges) {
    const [from, to] = [decodeBound(space, start), decodeBound(space, end)];
    const lock = concurrency.firstBlocking(space, from, to, readTs, bypass);
    if (lock !== undefined) return lock;
  }
  return undefined;
}
