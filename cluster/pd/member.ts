import {
  type Call,
  type Disk,
  type Handler,
  type Process,
  sleep,
  type Wait,
} from '../sim/index.ts';
import { TSO_START_MS } from '../timestamp.ts';
import {
  EtcdMember,
  type EtcdMessage,
  type EtcdResult,
  type EtcdStorage,
  LEASE_US,
} from './etcd.ts';
import type { EtcdCommand } from './etcd-state.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import { Placement } from './placement.ts';
import type { RegionStorage } from './region-storage.ts';
import type { PdReply, PdRequest, RegionRoute } from './request.ts';
import type { ScheduleConfig } from './schedule-config.ts';
import { Tso, type TsoStep } from './tso.ts';
import type { PdWitness } from './witness.ts';

/** How often the leader renews it. */
const RENEW_US = 1_000_000;
/** Pause before a renewal that went wrong is tried again. */
const RETRY_US = 200_000;
/** How often the oracle advances. */
const TICK_US = 50_000;
/** How often a member looks whether it is to lead. */
const WATCH_US = 200_000;
/** A request that found no room in the logical part asks again after a tick, so often. */
const TSO_ATTEMPTS = 10;

/** The leader tells the other members of a region. */
interface RegionSync {
  readonly kind: 'region-sync';
  readonly route: RegionRoute;
}

/** What a member shares with the cluster that made it. */
export interface MemberContext {
  readonly process: Process;
  readonly storage: EtcdStorage;
  readonly disk: Disk;
  /** This member's own copy. */
  readonly regions: RegionStorage;
  /** Nodes of all members. */
  readonly members: readonly number[];
  readonly witness: PdWitness;
  readonly config: ScheduleConfig;
  readonly bugs: ReadonlySet<string>;
  /** Told whenever this member begins or ceases to serve timestamps. */
  readonly onServing: (node: number, serving: boolean) => void;
}

/**
 * One member of PD. The one that leads etcd takes the leader key, and who holds that serves. The
 * lease is measured from before it was asked for, on the monotonic clock, so that a leader stops
 * believing in itself before anybody else can be elected. Source: PD `server/member`,
 * `server/server.go`.
 */
export class PdMember implements Handler {
  private readonly context: MemberContext;
  private readonly etcd: EtcdMember;
  private readonly tso: Tso;
  private leaseUntilUs = 0;
  private serving = false;
  private saving = false;
  /** Scheduling, while this member leads. */
  placement: Placement | undefined = undefined;

  constructor(context: MemberContext) {
    this.context = context;
    this.tso = new Tso(context.bugs);
    const { process, storage, disk, members } = context;
    this.etcd = new EtcdMember(process, storage, disk, members);
    process.handle(this);
    process.spawn(this.campaign());
  }

  onCall(call: Call): void {
    const request = call.request as PdRequest;
    if (request.kind === 'get-members') {
      call.respond({ kind: 'members', leader: this.etcd.state.leader }, 0);
    } else if (!this.isServing()) {
      call.respond({ kind: 'not-leader', leader: this.etcd.state.leader }, 0);
    } else this.serve(call, request);
  }

  private serve(call: Call, request: Exclude<PdRequest, { kind: 'get-members' }>): void {
    const { regions } = this.context;
    switch (request.kind) {
      case 'tso':
        this.answerTso(call, request.count, 0);
        break;
      case 'get-region':
        reply(call, { kind: 'region', route: regions.locate(request.key) });
        break;
      case 'scan-regions': {
        const found = regions.overlapping(request.startKey, request.endKey, request.limit);
        reply(call, { kind: 'regions', routes: found });
        break;
      }
      case 'get-region-by-id':
        reply(call, { kind: 'region', route: regions.get(request.id) });
        break;
      case 'alloc-id':
        this.allocateIds(request.count, (first) => answerId(call, first));
        break;
      case 'ask-batch-split': {
        const ids = this.placement?.askBatchSplit(request.region, request.count);
        if (ids === undefined) reply(call, { kind: 'error', message: 'no ids at hand' });
        else reply(call, { kind: 'split-ids', ids });
        break;
      }
      case 'store-heartbeat':
        this.placement?.storeHeartbeat(request.stats);
        reply(call, { kind: 'ok' });
        break;
      case 'region-heartbeat': {
        for (const heartbeat of request.heartbeats) this.learn(routeIn(heartbeat));
        const steps = this.placement?.regionHeartbeats(request.heartbeats) ?? [];
        reply(call, { kind: 'operator-steps', steps });
        break;
      }
    }
  }

  /** The schedulers as an administrator set them, for this and all later leaders. */
  setSchedulers(names: readonly string[]): void {
    const { node } = this.context.process;
    this.etcd.transact({ kind: 'set-schedulers', member: node, names }, () => {});
  }

  /** The schedulers that a later leader will run. */
  get savedSchedulers(): readonly string[] {
    return this.etcd.state.schedulers;
  }

  onMessage(_from: number, message: unknown): void {
    const received = message as EtcdMessage | RegionSync;
    if (received.kind === 'region-sync') this.context.regions.put(received.route);
    else this.etcd.onMessage(received);
  }

  /** Takes in news of a region and passes it on. */
  private learn(route: RegionRoute): void {
    const { regions, members, process } = this.context;
    if (!regions.put(route)) return;
    for (const member of members) {
      if (member !== process.node)
        process.send(member, { kind: 'region-sync', route }, route.region.id);
    }
  }

  /** Leadership is asked again after the timestamp was taken: an expired leader must not answer. */
  private answerTso(call: Call, count: number, attempt: number): void {
    const ts = this.tso.allocate(count);
    if (!this.isServing()) {
      call.respond({ kind: 'not-leader', leader: undefined }, 0);
    } else if (ts !== undefined) {
      const { process, witness } = this.context;
      witness.granted(ts, count, this.etcd.state.savedMs, process.node);
      call.respond({ kind: 'tso', ts }, ts | 0);
    } else if (attempt < TSO_ATTEMPTS) {
      this.context.process.after(TICK_US, () => this.answerTso(call, count, attempt + 1));
    } else call.respond({ kind: 'error', message: 'logical part exhausted' }, 0);
  }

  private allocateIds(count: number, done: (first: number | undefined) => void): void {
    this.etcd.transact({ kind: 'allocate-ids', count }, (result) => {
      done(result === undefined ? undefined : result.state.nextId - count);
    });
  }

  /**
   * Takes the leader key whenever it is this member's turn, and leads until it is lost; for ever.
   */
  private *campaign(): Wait<void> {
    const { process } = this.context;
    for (;;) {
      const { isLeader, state } = this.etcd;
      if (isLeader && state.leader === undefined) {
        const askedUs = this.now();
        const result = yield* this.transact({ kind: 'campaign', member: process.node });
        if (result?.ok === true) yield* this.lead(askedUs, result.state.lease);
      }
      yield* sleep(process, WATCH_US);
    }
  }

  private *lead(askedUs: number, lease: number): Wait<void> {
    this.holdLease(askedUs);
    const forgetful = this.context.bugs.has('tso.noResyncOnReelection');
    const savedMs = forgetful ? this.tso.rememberedMs : this.etcd.state.savedMs;
    const step = this.tso.sync(this.wallMs(), savedMs);
    if (yield* this.save(step)) {
      this.tso.publish(step);
      this.setServing(true);
      this.placement = this.newPlacement();
      this.tickLater();
      while (yield* this.renew()) yield* sleep(this.context.process, RENEW_US);
      this.setServing(false);
      this.placement.end();
      this.placement = undefined;
      this.tso.reset();
    }
    this.leaseUntilUs = 0;
    this.context.witness.released(this.context.process.node);
    yield* this.transact({ kind: 'revoke', lease });
  }

  private newPlacement(): Placement {
    const { process, config, bugs, regions } = this.context;
    return new Placement({
      process,
      config,
      bugs,
      knownRegions: regions.all().length,
      schedulers: this.etcd.state.schedulers,
      saveIds: (count, done) => this.allocateIds(count, done),
    });
  }

  /** True while the lease holds; asks again until it has run out. */
  private *renew(): Wait<boolean> {
    const { process, bugs } = this.context;
    const task = process.world.currentTask();
    while (this.now() < this.leaseUntilUs) {
      const askedUs = this.now();
      this.etcd.keepAlive((kept) => process.after(0, () => task.resume(kept)));
      const trusting = bugs.has('pd.leaseWithoutQuorum') && this.etcd.holdsKey();
      if ((yield) === true || trusting) {
        this.holdLease(askedUs);
        return true;
      }
      yield* sleep(process, RETRY_US);
    }
    return false;
  }

  private holdLease(fromUs: number): void {
    const { process, witness, bugs } = this.context;
    this.leaseUntilUs = fromUs + (bugs.has('pd.leaseTooLong') ? 5 * LEASE_US : LEASE_US);
    witness.leased(process.node, this.leaseUntilUs);
  }

  private tickLater(): void {
    this.context.process.after(TICK_US, () => {
      if (!this.serving) return;
      this.tick();
      this.tickLater();
    });
  }

  private tick(): void {
    if (this.saving) return;
    const step = this.tso.tick(this.wallMs());
    if (step === undefined) return;
    const isFree = step.saveMs === undefined;
    if (isFree || this.context.bugs.has('tso.windowNotPersisted')) this.tso.publish(step);
    if (isFree) return;
    this.saving = true;
    this.context.process.spawn(this.save(step), (_error, saved) => {
      this.saving = false;
      if (saved === true && this.isServing()) this.tso.publish(step);
    });
  }

  /** Saves a window; refused unless this member still holds the leader key. */
  private *save(step: TsoStep): Wait<boolean> {
    if (step.saveMs === undefined) return true;
    const { node } = this.context.process;
    const command = { kind: 'save-timestamp', member: node, savedMs: step.saveMs } as const;
    return (yield* this.transact(command))?.ok === true;
  }

  private *transact(command: EtcdCommand): Wait<EtcdResult | undefined> {
    const task = this.context.process.world.currentTask();
    this.etcd.transact(command, (result) => task.resume(result));
    return (yield) as EtcdResult | undefined;
  }

  private setServing(serving: boolean): void {
    this.serving = serving;
    this.context.onServing(this.context.process.node, serving);
  }

  private isServing(): boolean {
    if (!this.serving || this.now() < this.leaseUntilUs) return this.serving;
    return this.context.bugs.has('tso.twoLeaders');
  }

  private now(): number {
    return this.context.process.world.nowUs;
  }

  /** PD's clock in ms. */
  private wallMs(): number {
    return this.context.process.wallMs() + TSO_START_MS;
  }
}

function reply(call: Call, body: PdReply): void {
  call.respond(body, 0);
}

function answerId(call: Call, first: number | undefined): void {
  if (first === undefined) reply(call, { kind: 'error', message: 'etcd unavailable' });
  else call.respond({ kind: 'id', first }, first);
}

function routeIn({ region, leader }: RegionHeartbeat): RegionRoute {
  const peer = region.peers.find(({ id }) => id === leader) ?? region.peers[0];
  return { region, leaderStore: (peer as { store: number }).store };
}
