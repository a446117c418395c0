import { type Call, type Handler, type Process, Rng, sleep, type Wait } from '../sim/index.ts';
import type { Etcd } from './etcd.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import type { RegionStorage } from './region-storage.ts';
import type { PdReply, PdRequest, RegionRoute } from './request.ts';
import { Tso, type TsoStep } from './tso.ts';

/** Lease of the leader key, µs. */
const LEASE_US = 3_000_000;
/** How often the leader renews it. */
const RENEW_US = 1_000_000;
/** How often the oracle advances. */
const TICK_US = 50_000;
/** How often a follower looks whether the leader key is free, at most. */
const WATCH_US = 500_000;
/** A request that found no room in the logical part asks again after a tick, so often. */
const TSO_ATTEMPTS = 10;

/** What a member shares with the cluster that made it. */
export interface MemberContext {
  readonly process: Process;
  readonly etcd: Etcd;
  /** This member's own copy. */
  readonly regions: RegionStorage;
  /** Nodes of all members. */
  readonly members: readonly number[];
  /** Told whenever this member begins or ceases to serve timestamps. */
  readonly onServing: (node: number, serving: boolean) => void;
}

/**
 * One member of PD. All campaign for a leased key in etcd; who holds it serves. The lease is
 * measured from before it was asked for, on the monotonic clock, so that a leader stops believing
 * in itself before anybody else can be elected. Source: PD `server/member`, `server/server.go`.
 */
export class PdMember implements Handler {
  private readonly context: MemberContext;
  private readonly tso = new Tso();
  private readonly rng: Rng;
  private leaseUntilUs = 0;
  private serving = false;
  private saving = false;

  constructor(context: MemberContext) {
    this.context = context;
    const { process } = context;
    this.rng = new Rng(process.world.seed, `pd/${process.node}/${process.incarnation}`);
    process.handle(this);
    process.spawn(this.campaign());
  }

  onCall(call: Call): void {
    const request = call.request as PdRequest;
    if (request.kind === 'get-members') {
      const { state } = this.context.etcd;
      const known = state.leaseUntilUs > this.now() ? state.leader : undefined;
      call.respond({ kind: 'members', leader: known }, 0);
    } else if (!this.isServing()) {
      call.respond({ kind: 'not-leader', leader: this.context.etcd.state.leader }, 0);
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
        this.allocateIds(request.count, (first) => answerIds(call, 'id', first));
        break;
      case 'ask-batch-split': {
        const count = request.count * (request.peers + 1);
        this.allocateIds(count, (first) => answerIds(call, 'ids', first));
        break;
      }
      case 'store-heartbeat':
        reply(call, { kind: 'ok' });
        break;
      case 'region-heartbeat':
        for (const heartbeat of request.heartbeats) this.learn(routeIn(heartbeat));
        reply(call, { kind: 'operator-steps', steps: [] });
        break;
    }
  }

  onMessage(_from: number, message: unknown): void {
    this.context.regions.put(message as RegionRoute);
  }

  /** Takes in news of a region and passes it on. */
  private learn(route: RegionRoute): void {
    const { regions, members, process } = this.context;
    if (!regions.put(route)) return;
    for (const member of members) {
      if (member !== process.node) process.send(member, route, route.region.id);
    }
  }

  /** Leadership is asked again after the timestamp was taken: an expired leader must not answer. */
  private answerTso(call: Call, count: number, attempt: number): void {
    const ts = this.tso.allocate(count);
    if (!this.isServing()) {
      call.respond({ kind: 'not-leader', leader: undefined }, 0);
    } else if (ts !== undefined) {
      call.respond({ kind: 'tso', ts }, ts | 0);
    } else if (attempt < TSO_ATTEMPTS) {
      this.context.process.after(TICK_US, () => this.answerTso(call, count, attempt + 1));
    } else call.respond({ kind: 'error', message: 'logical part exhausted' }, 0);
  }

  private allocateIds(count: number, done: (first: number | undefined) => void): void {
    const { etcd, process } = this.context;
    etcd.transact(
      process,
      (state) => {
        const first = state.nextId;
        state.nextId += count;
        return first;
      },
      done,
    );
  }

  /** Runs for leader whenever the key is free, then leads until the lease is lost; for ever. */
  private *campaign(): Wait<void> {
    const { process, etcd } = this.context;
    for (;;) {
      const { state } = etcd;
      if (state.leaseUntilUs > this.now() && state.leader !== process.node) {
        yield* sleep(process, WATCH_US / 2 + this.rng.nextInt(WATCH_US / 2));
      } else if (yield* this.takeLease()) yield* this.lead();
      else yield* sleep(process, 200_000 + this.rng.nextInt(100_000));
    }
  }

  private *takeLease(): Wait<boolean> {
    const { node } = this.context.process;
    const askedUs = this.now();
    const won = yield* this.transact((state) => {
      if (state.leaseUntilUs > this.now() && state.leader !== node) return false;
      state.leader = node;
      state.leaseUntilUs = this.now() + LEASE_US;
      return true;
    });
    if (won === true) this.leaseUntilUs = askedUs + LEASE_US;
    return won === true;
  }

  private *lead(): Wait<void> {
    const savedMs = yield* this.transact((state) => state.savedMs);
    if (savedMs === undefined) return;
    const step = this.tso.sync(this.wallMs(), savedMs);
    if (!(yield* this.save(step))) return;
    this.tso.publish(step);
    this.setServing(true);
    this.tickLater();
    while (yield* this.renew()) yield* sleep(this.context.process, RENEW_US);
    this.setServing(false);
    this.tso.reset();
  }

  /** True while the lease holds; a failed renewal is repeated until it has run out. */
  private *renew(): Wait<boolean> {
    while (this.now() < this.leaseUntilUs) {
      if (yield* this.takeLease()) return true;
      yield* sleep(this.context.process, 200_000);
    }
    return false;
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
    if (step.saveMs === undefined) {
      this.tso.publish(step);
      return;
    }
    this.saving = true;
    this.context.process.spawn(this.save(step), (_error, saved) => {
      this.saving = false;
      if (saved === true && this.isServing()) this.tso.publish(step);
    });
  }

  /** Saves a window; refused unless this member still holds the leader key. */
  private *save(step: TsoStep): Wait<boolean> {
    const { node } = this.context.process;
    const saved = yield* this.transact((state) => {
      if (state.leader !== node || state.leaseUntilUs <= this.now()) return false;
      if (step.saveMs !== undefined) state.savedMs = step.saveMs;
      return true;
    });
    return saved === true;
  }

  private *transact<T>(change: (state: Etcd['state']) => T): Wait<T | undefined> {
    const { etcd, process } = this.context;
    const task = process.world.currentTask();
    etcd.transact(process, change, (result) => task.resume(result));
    return (yield) as T | undefined;
  }

  private setServing(serving: boolean): void {
    this.serving = serving;
    this.context.onServing(this.context.process.node, serving);
  }

  private isServing(): boolean {
    return this.serving && this.now() < this.leaseUntilUs;
  }

  private now(): number {
    return this.context.process.world.nowUs;
  }

  /** PD's clock in ms; the 1,000 keeps a skewed clock from going below 0 at the very start. */
  private wallMs(): number {
    return this.context.process.wallMs() + 1000;
  }
}

function reply(call: Call, body: PdReply): void {
  call.respond(body, 0);
}

function answerIds(call: Call, kind: 'id' | 'ids', first: number | undefined): void {
  if (first === undefined) reply(call, { kind: 'error', message: 'etcd unavailable' });
  else call.respond({ kind, first }, first);
}

function routeIn({ region, leader }: RegionHeartbeat): RegionRoute {
  const peer = region.peers.find(({ id }) => id === leader) ?? region.peers[0];
  return { region, leaderStore: (peer as { store: number }).store };
}
