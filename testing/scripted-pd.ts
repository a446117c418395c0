import type { RegionHeartbeat, RegionHeartbeatResponse } from '../cluster/pd/heartbeat.ts';
import { type PdReply, type PdRequest, RegionStorage } from '../cluster/pd/index.ts';
import type { Call, Handler, Process } from '../cluster/sim/index.ts';
import type { RegionInfo } from '../cluster/tikv/request.ts';
import { composeTs } from '../cluster/timestamp.ts';

/** First id that is given away; those below belong to regions that were there from the start. */
const FIRST_ID = 20;

/** What an operator wants, without the region it is about. */
export type Wish = RegionHeartbeatResponse extends infer Response
  ? Response extends { kind: string }
    ? Omit<Response, 'region' | 'epoch'>
    : never
  : never;

/**
 * A PD that does nothing by itself: it answers stores, gives out timestamps and ids in order,
 * believes what leaders tell it, and passes the wishes of whoever drives it on to them.
 */
export class ScriptedPd implements Handler {
  /** What it knows of the regions. */
  readonly regions = new RegionStorage();
  /** What the leaders said last, by region. */
  readonly heard = new Map<number, RegionHeartbeat>();
  private process: Process | undefined;
  private nextId = FIRST_ID;
  private newestTs = 0;

  /** Begins, or after a kill goes on, to serve. */
  start(process: Process): void {
    this.process = process;
    process.handle(this);
  }

  onCall(call: Call): void {
    const reply = this.answer(call.request as PdRequest);
    call.respond(reply, 1);
  }

  /** A timestamp above all before it. */
  timestamp(): number {
    const { nowUs } = this.running.world;
    this.newestTs = Math.max(this.newestTs + 1, composeTs(Math.floor(nowUs / 1000), 0));
    return this.newestTs;
  }

  /** A fresh id. */
  allocate(): number {
    return this.nextId++;
  }

  /** Tells a region's leader to take a step, as of the region that PD knows. */
  push(id: number, wish: Wish): void {
    const route = this.regions.get(id);
    if (route === undefined) throw new Error(`PD knows no region ${id}`);
    const { epoch } = route.region;
    const step = { ...wish, region: id, epoch } as RegionHeartbeatResponse;
    this.running.send(route.leaderStore, { kind: 'operator-step', step }, id);
  }

  private get running(): Process {
    if (this.process === undefined) throw new Error('PD has not been started');
    return this.process;
  }

  private answer(request: PdRequest): PdReply {
    switch (request.kind) {
      case 'tso':
        return { kind: 'tso', ts: this.timestamp() };
      case 'get-region':
        return { kind: 'region', route: this.regions.locate(request.key) };
      case 'get-region-by-id':
        return { kind: 'region', route: this.regions.get(request.id) };
      case 'region-heartbeat':
        for (const heartbeat of request.heartbeats) this.hear(heartbeat);
        return { kind: 'operator-steps', steps: [] };
      case 'ask-batch-split':
        return { kind: 'split-ids', ids: this.splitIds(request.region, request.count) };
      case 'store-heartbeat':
        return { kind: 'ok' };
      default:
        throw new Error(`the scripted PD does not answer ${request.kind}`);
    }
  }

  private hear(heartbeat: RegionHeartbeat): void {
    const { region, leader } = heartbeat;
    const store = region.peers.find(({ id }) => id === leader)?.store;
    if (store === undefined || !this.regions.put({ region, leaderStore: store })) return;
    this.heard.set(region.id, heartbeat);
  }

  private splitIds({ peers }: RegionInfo, count: number): { region: number; peers: number[] }[] {
    return Array.from({ length: count }, () => ({
      region: this.allocate(),
      peers: peers.map(() => this.allocate()),
    }));
  }
}
