import type { Process } from './process.ts';
import { Rng } from './rng.ts';
import { type Call, UNAVAILABLE } from './rpc.ts';
import { EVENT_DELIVER, EVENT_REPLY, type EventTarget } from './scheduler.ts';
import type { World } from './world.ts';

/** How a directed link behaves. */
export interface LinkProfile {
  /** Least one-way latency, µs. */
  readonly minUs: number;
  /** Mean of the exponential tail on top of it, µs. */
  readonly tailUs: number;
}

/** One directed link: its own random stream, and what faults have made of it. */
class Link {
  readonly rng: Rng;
  blocked = false;
  /** Chance in 1,000 that a packet is lost; TCP sends it again, so loss shows as delay. */
  lossPerMille = 0;
  extraDelayUs = 0;

  constructor(rng: Rng) {
    this.rng = rng;
  }
}

/** Retransmission after a loss: Linux's least RTO. */
const RETRANSMIT_US = 200_000;
/** gRPC keep-alive: 10 s until the ping, 3 s for its answer. */
const KEEPALIVE_US = 13_000_000;

class Delivery implements EventTarget {
  readonly from: Process;
  readonly to: number;
  readonly message: unknown;

  constructor(from: Process, to: number, message: unknown) {
    this.from = from;
    this.to = to;
    this.message = message;
  }

  fire(): void {
    this.from.world.process(this.to)?.receive(this.from.node, this.message);
  }
}

/**
 * The network: latency per directed link, loss, partitions (one-way too). A dead process refuses
 * calls and resets the connections it had; a partition lets them hang until keep-alive notices.
 */
export class Network implements EventTarget {
  private readonly world: World;
  private readonly profile: LinkProfile;
  private readonly links = new Map<number, Link>();

  constructor(world: World, profile: LinkProfile) {
    this.world = world;
    this.profile = profile;
  }

  /** Sends a call on its way. */
  deliverCall(call: Call, digest: number): void {
    const link = this.link(call.caller.node, call.to);
    if (link.blocked) {
      this.breakLater(call, KEEPALIVE_US);
      return;
    }
    const at = this.world.nowUs + this.latencyUs(link);
    this.world.scheduler.schedule(at, EVENT_DELIVER, call.to, digest, this, call);
  }

  /** Sends an answer back. */
  deliverReply(call: Call, reply: unknown, digest: number): void {
    const link = this.link(call.to, call.caller.node);
    if (link.blocked) {
      this.breakLater(call, KEEPALIVE_US);
      return;
    }
    const at = this.world.nowUs + this.latencyUs(link);
    const arrival = new ReplyArrival(call, reply);
    this.world.scheduler.schedule(at, EVENT_REPLY, call.caller.node, digest, arrival, 0);
  }

  /** Sends a one-way message; lost without notice if the way is blocked or the receiver dead. */
  deliverMessage(from: Process, to: number, message: unknown, digest: number): void {
    const link = this.link(from.node, to);
    if (link.blocked) return;
    const at = this.world.nowUs + this.latencyUs(link);
    const delivery = new Delivery(from, to, message);
    this.world.scheduler.schedule(at, EVENT_DELIVER, to, digest, delivery, 0);
  }

  /** A process died: its peers' open calls are reset, as the kernel resets its sockets. */
  connectionsReset(node: number): void {
    for (const process of this.world.processes()) {
      if (process.node === node) continue;
      for (const call of process.pendingCallsTo(node)) {
        this.breakLater(call, this.latencyUs(this.link(node, process.node)));
      }
    }
  }

  /** Blocks or unblocks one direction. */
  setBlocked(from: number, to: number, blocked: boolean): void {
    this.link(from, to).blocked = blocked;
  }

  /** Loses packets with the given chance, and delays all by `extraDelayUs`. */
  degrade(from: number, to: number, lossPerMille: number, extraDelayUs: number): void {
    const link = this.link(from, to);
    link.lossPerMille = lossPerMille;
    link.extraDelayUs = extraDelayUs;
  }

  /** A call arrives. */
  fire(_kind: number, payload: unknown): void {
    const call = payload as Call;
    const process = this.world.process(call.to);
    if (process === undefined || !process.accept(call)) {
      this.breakLater(call, this.latencyUs(this.link(call.to, call.caller.node)));
    }
  }

  private breakLater(call: Call, us: number): void {
    const at = this.world.nowUs + us;
    const node = call.caller.node;
    const arrival = new ReplyArrival(call, UNAVAILABLE);
    this.world.scheduler.schedule(at, EVENT_REPLY, node, 1, arrival, 0);
  }

  private latencyUs(link: Link): number {
    const { minUs, tailUs } = this.profile;
    let us = minUs + link.rng.nextExponential(tailUs) + link.extraDelayUs;
    while (link.lossPerMille > 0 && link.rng.chance(link.lossPerMille, 1000)) us += RETRANSMIT_US;
    return us;
  }

  private link(from: number, to: number): Link {
    const key = from * 4096 + to;
    let link = this.links.get(key);
    if (link === undefined) {
      link = new Link(new Rng(this.world.seed, `net/${from}/${to}`));
      this.links.set(key, link);
    }
    return link;
  }
}

class ReplyArrival implements EventTarget {
  private readonly call: Call;
  private readonly reply: unknown;

  constructor(call: Call, reply: unknown) {
    this.call = call;
    this.reply = reply;
  }

  fire(): void {
    if (this.reply === UNAVAILABLE) this.call.finish(undefined, UNAVAILABLE);
    else this.call.finish(this.reply, undefined);
  }
}
