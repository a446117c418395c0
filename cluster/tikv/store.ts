import type { Bugs } from '../bugs.ts';
import type { Costs } from '../costs.ts';
import type { RegionHeartbeatResponse } from '../pd/heartbeat.ts';
import type { Profile } from '../profiles.ts';
import { type Call, Cpu, type Disk, type Handler, type Process } from '../sim/index.ts';
import { ConcurrencyManager } from './concurrency-manager.ts';
import { copReply, readRanges, scan } from './coprocessor.ts';
import { DeadlockDetector, type WaitForEdge } from './deadlock-detector.ts';
import { gcByRequest } from './gc.ts';
import { ingestByRequest } from './ingest.ts';
import { Latches } from './latches.ts';
import { LockManager, type Waiter } from './lock-manager.ts';
import { MaxTsSync } from './max-ts-sync.ts';
import type { Peer } from './peer.ts';
import type { StoreStorage } from './peer-storage.ts';
import { point, pointBatch } from './point-read.ts';
import type { BatchRaftMessage } from './raft-message.ts';
import { RaftStore } from './raft-store.ts';
import { answerReadIndex, readOnFollower } from './replica-read.ts';
import type {
  BatchGetRequest,
  CopRequest,
  GetRequest,
  KvReplyBody,
  KvRequest,
  KvRequestBody,
  ReadIndexRequest,
  RegionError,
  RegionInfo,
  ScanLockRequest,
} from './request.ts';
import { ResolvedTs, type ResolvedTsMessage } from './resolved-ts.ts';
import { scanLocks } from './scan-lock.ts';
import { splitByRequest } from './split-request.ts';
import { readStale } from './stale-read.ts';
import type { Witness } from './witness.ts';
import { WriteCommand } from './write-command.ts';

/** How long a wait-for edge lives without being renewed, µs: a bit over the longest wait. */
const EDGE_LIFE_US = 3_000_000;

/** What a store is made from; `storage` and `disk` outlive incarnations. */
export interface StoreContext {
  readonly process: Process;
  readonly storage: StoreStorage;
  readonly disk: Disk;
  readonly costs: Costs;
  readonly profile: Profile;
  readonly bugs: Bugs;
  /** Nodes of PD's members. */
  readonly pdNodes: readonly number[];
  readonly witness: Witness;
}

/** Messages between stores about who waits for whom. */
type DetectorMessage =
  | { readonly kind: 'detect'; readonly edge: WaitForEdge; readonly id: number }
  | { readonly kind: 'clean-up'; readonly waiter: number; readonly holder: number }
  | { readonly kind: 'deadlock'; readonly id: number; readonly key: string };

/** Everything that reaches a store without wanting an answer. */
type StoreMessage =
  | DetectorMessage
  | BatchRaftMessage
  | ResolvedTsMessage
  | { readonly kind: 'operator-step'; readonly step: RegionHeartbeatResponse };

/** One incarnation of a store; see the essay in `index.ts`. */
export class Store implements Handler {
  readonly context: StoreContext;
  readonly latches = new Latches();
  readonly concurrency: ConcurrencyManager;
  readonly locks: LockManager;
  readonly raft: RaftStore;
  readonly maxTsSync: MaxTsSync;
  readonly resolvedTs = new ResolvedTs(this);
  private readonly cpu: Cpu;
  private readonly detector = new DeadlockDetector(EDGE_LIFE_US);
  private readonly detecting = new Map<number, Waiter>();
  private nextDetectId = 0;

  constructor(context: StoreContext) {
    this.context = context;
    this.concurrency = new ConcurrencyManager(context.bugs);
    this.cpu = new Cpu(context.process, context.costs.storeCores);
    this.locks = new LockManager(context.process, (waiter) => this.stopDetecting(waiter));
    this.maxTsSync = new MaxTsSync(
      context.process,
      () => this.raft.pd.timestamp(),
      this.concurrency,
      context.bugs,
    );
    this.raft = new RaftStore(context, this.maxTsSync);
    context.process.handle(this);
  }

  onCall(call: Call): void {
    const request = call.request as KvRequest;
    if (request.replicaRead === true) {
      this.cpu.after(this.context.costs.kvReadUs, () => readOnFollower(this, call, request));
      return;
    }
    if (request.staleRead === true) {
      this.cpu.after(this.context.costs.kvReadUs, () => readStale(this, call, request));
      return;
    }
    const error = this.checkRegion(request);
    if (error !== undefined) {
      call.respond({ regionError: error }, 1);
      return;
    }
    const { body } = request;
    const { costs } = this.context;
    if (isRead(body)) this.cpu.after(costs.kvReadUs, () => this.whenReadable(call, request));
    else if (body.kind === 'split-region') splitByRequest(this, call, request, body);
    else if (body.kind === 'gc') gcByRequest(this, call, request, body);
    else if (body.kind === 'ingest') ingestByRequest(this, call, request, body);
    else {
      const command = new WriteCommand(this, call, request, body);
      this.cpu.after(costs.kvWriteUs, () => this.latches.acquire(command));
    }
  }

  onMessage(from: number, message: unknown): void {
    const received = message as StoreMessage;
    switch (received.kind) {
      case 'batch-raft':
        this.raft.router.onBatch(received);
        break;
      case 'operator-step':
        this.raft.pd.onResponse(received.step);
        break;
      case 'read-state-wanted':
      case 'read-state':
        this.resolvedTs.onMessage(received);
        break;
      default:
        this.onDetectorMessage(from, received);
    }
  }

  private onDetectorMessage(from: number, message: DetectorMessage): void {
    if (message.kind === 'detect') {
      const { edge, id } = message;
      const key = this.detector.detect(edge, this.context.process.world.nowUs);
      if (key !== undefined) this.context.process.send(from, { kind: 'deadlock', id, key }, id);
    } else if (message.kind === 'clean-up') this.detector.remove(message.waiter, message.holder);
    else {
      const found = this.detecting.get(message.id);
      if (found !== undefined) this.locks.deadlocked(found, message.key);
    }
  }

  /** The peer that a request is for; to be asked only after `checkRegion`. */
  peerOf(request: KvRequest): Peer {
    return this.raft.peers.get(request.region) as Peer;
  }

  /**
   * The region error a request earns now, if any. Asked on arrival and again before it is served.
   */
  checkRegion(request: KvRequest): RegionError | undefined {
    const peer = this.raft.peers.get(request.region);
    if (peer === undefined) return { kind: 'RegionNotFound' };
    const error = peer.leaderError();
    if (error !== undefined) return error;
    if (request.epoch.version === peer.region.epoch.version) return undefined;
    return this.raft.epochNotMatch(peer.region);
  }

  /**
   * Makes a lock request wait. A transaction's first lock can close no circle and is not reported.
   */
  waitForLock(waiter: Waiter, timeoutUs: number, isFirstLock: boolean): void {
    this.locks.add(waiter, timeoutUs);
    if (isFirstLock) return;
    const id = ++this.nextDetectId;
    this.detecting.set(id, waiter);
    const { startTs: holder, key } = waiter.lock;
    const edge = { waiter: waiter.startTs, holder, key: key.encoded };
    this.toDetector({ kind: 'detect', edge, id });
  }

  private stopDetecting(waiter: Waiter): void {
    for (const [id, other] of this.detecting) {
      if (other !== waiter) continue;
      this.detecting.delete(id);
      const { startTs, lock } = waiter;
      this.toDetector({ kind: 'clean-up', waiter: startTs, holder: lock.startTs });
      return;
    }
  }

  /** The detector lives where the region of key '' is led, as far as this store knows. */
  private toDetector(message: DetectorMessage): void {
    for (const peer of this.raft.peers.values()) {
      if (peer.region.startKey !== '' || !peer.storage.initialised) continue;
      const leader = peer.leaderStore;
      if (leader !== undefined) this.context.process.send(leader, message, 2);
      return;
    }
    this.toDetectorByPd(message);
  }

  /** This store keeps no peer of that region: PD knows who leads it. */
  private toDetectorByPd(message: DetectorMessage): void {
    this.raft.pd.ask({ kind: 'get-region', key: '' }, 'region', (reply) => {
      const leader = reply?.route?.leaderStore;
      if (leader !== undefined) this.context.process.send(leader, message, 2);
    });
  }

  /** Waits for the right to read, and looks at the region again: it may have changed meanwhile. */
  whenReadable(call: Call, request: KvRequest): void {
    const gone = this.checkRegion(request);
    if (gone !== undefined) {
      call.respond({ regionError: gone }, 1);
      return;
    }
    this.peerOf(request).whenReadable((reason) => {
      const error = reason ?? this.checkRegion(request);
      if (error === undefined) this.serve(call, request);
      else call.respond({ regionError: error }, 1);
    });
  }

  /** Answers a read from the data as it is here now. */
  serve(call: Call, request: KvRequest): void {
    const { body } = request;
    if (body.kind === 'cop') {
      this.readCop(call, body, this.peerOf(request).region);
      return;
    }
    const { engine } = this.raft;
    const { concurrency } = this;
    let reply: KvReplyBody;
    if (body.kind === 'get') reply = point(engine, concurrency, body);
    else if (body.kind === 'batch-get') reply = pointBatch(engine, concurrency, body);
    else if (body.kind === 'read-index') {
      const { applied } = this.peerOf(request).storage;
      reply = answerReadIndex(concurrency, applied, body, this.context.bugs);
    } else {
      const { region } = this.peerOf(request);
      reply = scanLocks(engine, concurrency, region, body as ScanLockRequest);
    }
    call.respond({ body: reply }, 3);
  }

  /** The rows are read at once, and the time their reading takes is spent before they are sent. */
  private readCop(call: Call, request: CopRequest, region: RegionInfo): void {
    const { process, costs, witness } = this.context;
    const result = scan(this.raft.engine, this.concurrency, request);
    if (result.complete) {
      const ranges = readRanges(request, result.resumeAt);
      for (const { start, end } of ranges) witness.scanned(region, start, end, request.readTs);
    }
    const { totalKeys, work } = result;
    const processUs = Math.round(totalKeys * costs.scanKeyUs + work * costs.copRowUs);
    const startUs = process.world.nowUs;
    const respond = (): void => {
      const waitUs = process.world.nowUs - startUs - processUs;
      call.respond({ body: copReply(result, processUs, waitUs) }, result.rows);
    };
    if (processUs === 0) respond();
    else this.cpu.after(processUs, respond);
  }
}

type ReadRequest = CopRequest | GetRequest | BatchGetRequest | ScanLockRequest | ReadIndexRequest;

const READS: ReadonlySet<KvRequestBody['kind']> = new Set([
  'cop',
  'get',
  'batch-get',
  'scan-lock',
  'read-index',
]);

function isRead(body: KvRequestBody): body is ReadRequest {
  return READS.has(body.kind);
}
