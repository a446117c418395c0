import type { Bugs } from '../bugs.ts';
import type { Costs } from '../costs.ts';
import { leaderStore, type RegionTable } from '../region-table.ts';
import { type Call, Cpu, type Disk, type Handler, type Process } from '../sim/index.ts';
import type { Engine } from './columns/engine.ts';
import { ConcurrencyManager } from './concurrency-manager.ts';
import { scan } from './coprocessor.ts';
import { DeadlockDetector } from './deadlock-detector.ts';
import { Latches } from './latches.ts';
import { LockManager, type Waiter } from './lock-manager.ts';
import { point, pointBatch } from './point-read.ts';
import { RegionSplitter } from './region-splitter.ts';
import type {
  CopRequest,
  KvReplyBody,
  KvRequest,
  KvRequestBody,
  RegionError,
  RegionInfo,
} from './request.ts';
import { WriteCommand, type WriteRequestBody } from './write-command.ts';

/** How long a wait-for edge lives without being renewed, µs: a bit over the longest wait. */
const EDGE_LIFE_US = 3_000_000;

/** What a store is made from; `engine` and `disk` outlive incarnations. */
export interface StoreContext {
  readonly process: Process;
  readonly engine: Engine;
  readonly disk: Disk;
  readonly regions: RegionTable;
  readonly costs: Costs;
  readonly bugs: Bugs;
}

/** Messages between stores about who waits for whom. */
type DetectorMessage =
  | {
      readonly kind: 'detect';
      readonly waiter: number;
      readonly holder: number;
      readonly id: number;
    }
  | { readonly kind: 'clean-up'; readonly waiter: number; readonly holder: number }
  | { readonly kind: 'deadlock'; readonly id: number };

/** One incarnation of a store; see the essay in `index.ts`. */
export class Store implements Handler {
  readonly context: StoreContext;
  readonly latches = new Latches();
  readonly concurrency: ConcurrencyManager;
  readonly locks: LockManager;
  readonly splitter: RegionSplitter;
  private readonly cpu: Cpu;
  private readonly detector = new DeadlockDetector(EDGE_LIFE_US);
  private readonly detecting = new Map<number, Waiter>();
  private nextDetectId = 0;

  constructor(context: StoreContext) {
    this.context = context;
    this.concurrency = new ConcurrencyManager(context.bugs);
    this.cpu = new Cpu(context.process, context.costs.storeCores);
    this.locks = new LockManager(context.process, (waiter) => this.stopDetecting(waiter));
    this.splitter = new RegionSplitter(context);
    context.process.handle(this);
  }

  onCall(call: Call): void {
    const request = call.request as KvRequest;
    const error = this.checkRegion(request);
    if (error !== undefined) {
      call.respond({ regionError: error }, 1);
      return;
    }
    const { body } = request;
    if (isRead(body)) this.cpu.after(this.context.costs.kvReadUs, () => this.read(call, request));
    else {
      const command = new WriteCommand(this, call, request, body);
      this.cpu.after(this.context.costs.kvWriteUs, () => this.latches.acquire(command));
    }
  }

  onMessage(from: number, message: unknown): void {
    const detector = message as DetectorMessage;
    const { waiter, holder } = detector as { waiter: number; holder: number };
    if (detector.kind === 'detect') {
      if (this.detector.detect(waiter, holder, this.context.process.world.nowUs)) {
        this.context.process.send(from, { kind: 'deadlock', id: detector.id }, detector.id);
      }
    } else if (detector.kind === 'clean-up') this.detector.remove(waiter, holder);
    else {
      const found = this.detecting.get(detector.id);
      if (found !== undefined) this.locks.deadlocked(found);
    }
  }

  /** The region error a request earns now, if any. Asked on arrival and again before applying. */
  checkRegion(request: KvRequest): RegionError | undefined {
    const region = this.context.regions.get(request.region);
    if (region === undefined) return { kind: 'RegionNotFound' };
    const leader = leaderStore(region);
    if (leader !== this.context.process.node) return { kind: 'NotLeader', leaderStore: leader };
    const { version, confVer } = request.epoch;
    if (version === region.epoch.version && confVer === region.epoch.confVer) return undefined;
    return { kind: 'EpochNotMatch', currentRegions: this.successors(region) };
  }

  /**
   * Makes a lock request wait. A transaction's first lock can close no circle and is not reported.
   */
  waitForLock(waiter: Waiter, timeoutUs: number, isFirstLock: boolean): void {
    this.locks.add(waiter, timeoutUs);
    if (isFirstLock) return;
    const id = ++this.nextDetectId;
    this.detecting.set(id, waiter);
    this.toDetector({ kind: 'detect', waiter: waiter.startTs, holder: waiter.lock.startTs, id });
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

  private toDetector(message: DetectorMessage): void {
    const { process, regions } = this.context;
    process.send(leaderStore(regions.locate('')), message, 2);
  }

  /**
   * After a split the client needs to know the parts; they follow the region that was asked for.
   */
  private successors(region: RegionInfo): readonly RegionInfo[] {
    return this.context.regions.overlapping(region.startKey, '', 8);
  }

  private read(call: Call, request: KvRequest): void {
    const { body } = request;
    if (body.kind === 'cop') {
      this.readCop(call, body);
      return;
    }
    const { engine } = this.context;
    const reply: KvReplyBody =
      body.kind === 'get'
        ? point(engine, this.concurrency, body)
        : pointBatch(
            engine,
            this.concurrency,
            body as Extract<KvRequestBody, { kind: 'batch-get' }>,
          );
    call.respond({ body: reply }, 3);
  }

  /** The rows are read at once, and the time their reading takes is spent before they are sent. */
  private readCop(call: Call, request: CopRequest): void {
    const { process, engine, costs } = this.context;
    const { columns, rows, totalKeys, locked } = scan(engine, this.concurrency, request);
    const processUs = Math.round(totalKeys * costs.scanKeyUs);
    const startUs = process.world.nowUs;
    const respond = (): void => {
      const waitUs = process.world.nowUs - startUs - processUs;
      const body: KvReplyBody = {
        kind: 'cop',
        columns,
        rows,
        processedKeys: rows,
        totalKeys,
        processUs,
        waitUs,
        ...(locked === undefined ? {} : { locked }),
      };
      call.respond({ body }, rows);
    };
    if (processUs === 0) respond();
    else this.cpu.after(processUs, respond);
  }
}

function isRead(body: KvRequestBody): body is Exclude<KvRequestBody, WriteRequestBody> {
  return body.kind === 'cop' || body.kind === 'get' || body.kind === 'batch-get';
}
