import { isRpcError, type Process, type RpcError, settleAll, type Wait } from '../../sim/index.ts';
import type {
  BatchGetRequest,
  CopRequest,
  GetRequest,
  KvReply,
  KvReplyBody,
  KvRequest,
  KvRequestBody,
  RegionError,
} from '../../tikv/request.ts';
import type { ReplicaRead } from '../transaction.ts';
import type { Backoffer, BackoffKind } from './backoff.ts';
import type { CachedRegion, RegionCache } from './region-cache.ts';

/** gRPC time-outs: short requests and coprocessor tasks. Source: client-go. */
const SHORT_US = 30_000_000;
const COPROCESSOR_US = 60_000_000;

/** What a region error is waited out with when it cannot be sent again at once. */
const REACTIONS: Readonly<Record<RegionError['kind'], BackoffKind>> = {
  NotLeader: 'regionScheduling',
  RegionNotFound: 'regionMiss',
  KeyNotInRegion: 'regionMiss',
  EpochNotMatch: 'regionMiss',
  StoreNotMatch: 'regionMiss',
  ServerIsBusy: 'tikvServerBusy',
  StaleCommand: 'staleCommand',
  MaxTimestampNotSynced: 'maxTsNotSynced',
  ReadIndexNotReady: 'regionScheduling',
  DataIsNotReady: 'regionScheduling',
  ProposalInMergingMode: 'regionScheduling',
};

/** Answer of each request, by the request's kind. */
export type ReplyOf<B extends KvRequestBody> = ReplyWithKind<KvReplyBody, B['kind']>;

type ReplyWithKind<R extends KvReplyBody, K extends string> = R extends KvReplyBody
  ? K extends R['kind']
    ? R
    : never
  : never;

/** Sends requests to regions. Source: client-go `RegionRequestSender`. */
export class RegionRequestSender {
  readonly process: Process;
  readonly regions: RegionCache;
  private turn = 0;

  constructor(process: Process, regions: RegionCache) {
    this.process = process;
    this.regions = regions;
  }

  /**
   * Sends one request to one region. Undefined means that the region is no longer what it was
   * thought to be, or that the store did not answer: after the back-off, which has been waited out,
   * the keys must be located anew. `onRpcError` hears that the request may or may not have been
   * executed.
   */
  *send<B extends KvRequestBody>(
    region: CachedRegion,
    body: B,
    backoff: Backoffer,
    onRpcError?: () => void,
  ): Wait<ReplyOf<B> | undefined> {
    const request: KvRequest = { region: region.info.id, epoch: region.info.epoch, body };
    const timeoutUs = body.kind === 'cop' ? COPROCESSOR_US : SHORT_US;
    this.process.request(region.leader, request, digestOf(region, body), timeoutUs);
    const reply = (yield) as KvReply | RpcError;
    if (isRpcError(reply)) {
      onRpcError?.();
      this.regions.tryAnotherPeer(region);
      yield* backoff.wait('tikvRPC');
      return undefined;
    }
    if (reply.regionError === undefined) {
      region.misses = 0;
      return reply.body as ReplyOf<B>;
    }
    // The store lost track of its proposal; it may have been executed (tidb issue 21355).
    if (reply.regionError.kind === 'StaleCommand') onRpcError?.();
    if (!this.regions.onRegionError(region, reply.regionError)) {
      yield* backoff.wait(REACTIONS[reply.regionError.kind]);
    }
    return undefined;
  }

  /** As `send`, but a replica may be asked first; if that comes to nothing, the leader is. */
  read<B extends GetRequest | BatchGetRequest | CopRequest>(
    region: CachedRegion,
    body: B,
    backoff: Backoffer,
    replica: ReplicaRead,
  ): Wait<ReplyOf<B> | undefined> {
    if (replica === 'leader') return this.send(region, body, backoff);
    return this.readReplica(region, body, backoff, replica);
  }

  private *readReplica<B extends GetRequest | BatchGetRequest | CopRequest>(
    region: CachedRegion,
    body: B,
    backoff: Backoffer,
    replica: ReplicaRead,
  ): Wait<ReplyOf<B> | undefined> {
    const store = this.replicaOf(region, replica);
    if (store !== region.leader) {
      const { id, epoch } = region.info;
      const how = replica === 'stale' ? { staleRead: true } : { replicaRead: true };
      const request: KvRequest = { region: id, epoch, body, ...how };
      const digest = digestOf(region, body);
      this.process.request(store, request, digest, SHORT_US);
      const reply = (yield) as KvReply | RpcError;
      if (!isRpcError(reply) && reply.regionError === undefined) return reply.body as ReplyOf<B>;
    }
    return yield* this.send(region, body, backoff);
  }

  /** Replicas take turns. */
  private replicaOf({ info, leader }: CachedRegion, replica: ReplicaRead): number {
    const stores = info.peers.map(({ store }) => store);
    const others = replica === 'follower' ? stores.filter((store) => store !== leader) : stores;
    return others.length === 0 ? leader : (others[this.turn++ % others.length] as number);
  }

  /**
   * Does `work` for the items of each region, all regions at once. Work that answers false is done
   * again for its items after they have been located anew. Throws the first error in order of keys.
   */
  onRegions<T extends { readonly encoded: string }>(
    keys: readonly T[],
    work: (region: CachedRegion, keys: readonly T[]) => Wait<boolean>,
  ): Wait<void> {
    const region = this.onlyRegion(keys);
    return region === undefined ? this.onSome(keys, work) : this.onOne(region, keys, work);
  }

  private *onOne<T extends { readonly encoded: string }>(
    region: CachedRegion,
    keys: readonly T[],
    work: (region: CachedRegion, keys: readonly T[]) => Wait<boolean>,
  ): Wait<void> {
    if (!(yield* work(region, keys))) yield* this.onRegions(keys, work);
  }

  private *onSome<T extends { readonly encoded: string }>(
    keys: readonly T[],
    work: (region: CachedRegion, keys: readonly T[]) => Wait<boolean>,
  ): Wait<void> {
    const groups: Group<T>[] = [];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as T;
      const region = this.regions.find(key.encoded) ?? (yield* this.regions.locate(key.encoded));
      groupOf(groups, region).keys.push(key);
    }
    const bodies = groups.map((group) => this.onOne(group.region, group.keys, work));
    const [only] = bodies;
    if (only !== undefined && bodies.length === 1) {
      yield* only;
      return;
    }
    for (const result of yield* settleAll(this.process, bodies)) {
      if (!result.ok) throw result.error;
    }
  }

  /** The region that is known to hold all of the keys, as it mostly does. */
  private onlyRegion(keys: readonly { readonly encoded: string }[]): CachedRegion | undefined {
    const [first] = keys;
    const region = first === undefined ? undefined : this.regions.find(first.encoded);
    if (region === undefined) return undefined;
    const { startKey, endKey } = region.info;
    for (let i = 1; i < keys.length; i++) {
      const { encoded } = keys[i] as { readonly encoded: string };
      if (encoded < startKey || (endKey !== '' && encoded >= endKey)) return undefined;
    }
    return region;
  }
}

interface Group<T> {
  readonly region: CachedRegion;
  readonly keys: T[];
}

function groupOf<T>(groups: Group<T>[], region: CachedRegion): Group<T> {
  for (const group of groups) if (group.region === region) return group;
  const group: Group<T> = { region, keys: [] };
  groups.push(group);
  return group;
}

const KIND_DIGESTS: Readonly<Record<KvRequestBody['kind'], number>> = {
  get: 16,
  'batch-get': 17,
  cop: 18,
  prewrite: 19,
  commit: 20,
  'pessimistic-lock': 21,
  'pessimistic-rollback': 22,
  'batch-rollback': 23,
  'txn-heart-beat': 24,
  'check-txn-status': 25,
  'resolve-lock': 26,
  'check-secondary-locks': 27,
  'split-region': 28,
  'scan-lock': 29,
  gc: 30,
  'read-index': 31,
  ingest: 32,
};

/** Enough to tell requests apart in the trace, at no cost. */
function digestOf(region: CachedRegion, body: KvRequestBody): number {
  return (KIND_DIGESTS[body.kind] << 24) ^ (region.info.id << 16) ^ (timestampOf(body) | 0);
}

function timestampOf(body: KvRequestBody): number {
  if ('startTs' in body) return body.startTs;
  if ('readTs' in body) return body.readTs;
  return 'lockTs' in body ? body.lockTs : 0;
}
