import type { Faulty } from './faulty.ts';
import { type HeldParcel, Link, type Parcel } from './link.ts';
import type { LinkFault } from './link-fault.ts';
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

/** gRPC keep-alive: 10 s until the ping, 3 s for its answer. */
export const KEEPALIVE_US = 13_000_000;
/**
 * TCP's first try again after a loss: Linux's tail loss probe, two round trips but at least this.
 */
const PROBE_US = 10_000;
/** Those after it: Linux's least retransmission time-out, twice as long each time. */
const RETRANSMIT_US = 200_000;
/** So many losses of one packet in a row outlast keep-alive: the connection breaks. */
const LOSSES_MAX = 8;

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
 * The network: latency per directed link, and whatever faults lie on one (`link-fault.ts`). A dead
 * process refuses calls and resets the connections it had; a partition lets them hang until
 * keep-alive notices. One-way messages of a link arrive in the order of sending, as over a stream,
 * unless a fault has it otherwise; calls overtake each other freely.
 */
export class Network implements EventTarget {
  private readonly world: World;
  private readonly profile: LinkProfile;
  /** By sender and receiver. */
  private readonly links: Link[][] = [];

  constructor(world: World, profile: LinkProfile) {
    this.world = world;
    this.profile = profile;
  }

  /** Sends a call on its way. */
  deliverCall(call: Call, digest: number): void {
    const link = this.linkOf(call.caller.node, call.to);
    if (link.faulty) {
      const { to: node } = call;
      this.ship(link, { kind: EVENT_DELIVER, node, digest, target: this, payload: call, call });
      return;
    }
    const at = this.world.nowUs + this.latencyUs(link);
    this.world.scheduler.schedule(at, EVENT_DELIVER, call.to, digest, this, call);
  }

  /** Sends an answer back. */
  deliverReply(call: Call, reply: unknown, digest: number): void {
    const link = this.linkOf(call.to, call.caller.node);
    const { node } = call.caller;
    if (link.faulty) {
      this.ship(link, { kind: EVENT_REPLY, node, digest, target: call, payload: reply, call });
      return;
    }
    const at = this.world.nowUs + this.latencyUs(link);
    this.world.scheduler.schedule(at, EVENT_REPLY, node, digest, call, reply);
  }

  /** Sends a one-way message; lost without notice if it cannot get through or nobody is there. */
  deliverMessage(from: Process, to: number, message: unknown, digest: number): void {
    const link = this.linkOf(from.node, to);
    const target = new Delivery(from, to, message);
    if (link.faulty) {
      const parcel = { kind: EVENT_DELIVER, node: to, digest, target, payload: 0, call: undefined };
      this.ship(link, parcel);
      return;
    }
    const at = Math.max(link.lastMessageUs, this.world.nowUs + this.latencyUs(link));
    link.lastMessageUs = at;
    this.world.scheduler.schedule(at, EVENT_DELIVER, to, digest, target, 0);
  }

  /** A process died: its peers' open calls are reset, as the kernel resets its sockets. */
  connectionsReset(node: number): void {
    for (const process of this.world.processes()) {
      if (process.node === node) continue;
      for (const call of process.pendingCallsTo(node)) this.refuse(call);
    }
  }

  /** Keep-alive gave up on a process: its peers' open calls break. */
  connectionsBroken(node: number): void {
    for (const process of this.world.processes()) {
      if (process.node === node) continue;
      for (const call of process.pendingCallsTo(node)) this.breakLater(call, 0);
    }
  }

  /** The link between two nodes in one direction, to lay faults on. */
  link(from: number, to: number): Faulty<LinkFault> & { readonly blocked: boolean } {
    return this.linkOf(from, to);
  }

  /** A call arrives. */
  fire(_kind: number, payload: unknown): void {
    const call = payload as Call;
    const process = this.world.process(call.to);
    if (process === undefined || !process.accept(call)) this.refuse(call);
  }

  /** Tells the caller that nobody is there, if that news can reach it. */
  private refuse(call: Call): void {
    const back = this.linkOf(call.to, call.caller.node);
    this.breakLater(call, back.blocked ? KEEPALIVE_US : this.latencyUs(back));
  }

  private breakLater(call: Call, us: number): void {
    const at = this.world.nowUs + us;
    this.world.scheduler.schedule(at, EVENT_REPLY, call.caller.node, 1, call, UNAVAILABLE);
  }

  /** Sends something over a link that has faults. */
  private ship(link: Link, parcel: Parcel): void {
    const barrier = link.barrier();
    if (barrier !== undefined) {
      barrier.hits++;
      this.hold(link, parcel, barrier.fault.kind === 'clog');
      return;
    }
    const { losses, delayUs } = link.fate(LOSSES_MAX);
    if (losses === LOSSES_MAX) {
      if (parcel.call !== undefined) this.breakLater(parcel.call, KEEPALIVE_US);
      return;
    }
    const us = this.latencyUs(link) + delayUs + resentAfterUs(losses);
    if (parcel.call === undefined) this.scheduleMessage(link, parcel, us);
    else this.schedule(parcel, this.world.nowUs + us);
  }

  private scheduleMessage(link: Link, parcel: Parcel, us: number): void {
    const { nowUs } = this.world;
    const copied = link.struckBy('duplicate');
    const overtaken = link.struckBy('reorder');
    let at = nowUs + us;
    if (overtaken === undefined) {
      at = Math.max(link.lastMessageUs, at);
      link.lastMessageUs = at;
    } else at += overtaken.lagUs();
    this.schedule(parcel, at);
    if (copied !== undefined) this.schedule(parcel, at + copied.lagUs());
  }

  private schedule({ kind, node, digest, target, payload }: Parcel, atUs: number): void {
    this.world.scheduler.schedule(atUs, kind, node, digest, target, payload);
  }

  private hold(link: Link, parcel: Parcel, patient: boolean): void {
    const { scheduler, nowUs } = this.world;
    const stale = link.held.findIndex((other) => !isGivenUp(other, nowUs));
    if (stale > 0) link.held.splice(0, stale);
    const held: HeldParcel = { parcel, sentUs: nowUs, patient, waiting: true };
    link.held.push(held);
    if (parcel.call === undefined) return;
    const keepalive = new KeepAlive(held, parcel.call);
    const { node } = parcel.call.caller;
    scheduler.schedule(nowUs + KEEPALIVE_US, EVENT_REPLY, node, 1, keepalive, 0);
  }

  /** A link lets through what it has held: all of it, but for what was given up meanwhile. */
  private open(link: Link): void {
    const { held } = link;
    link.held = [];
    for (const one of held) {
      if (!one.patient) this.resend(link, one);
      else {
        one.waiting = false;
        this.ship(link, one.parcel);
      }
    }
  }

  /** What was blocked goes when TCP next tries again, if keep-alive waits for that. */
  private resend(link: Link, held: HeldParcel): void {
    const { parcel, sentUs } = held;
    let losses = 1;
    while (sentUs + resentAfterUs(losses) < this.world.nowUs) losses++;
    if (losses >= LOSSES_MAX) return;
    held.waiting = false;
    const us = sentUs + resentAfterUs(losses) - this.world.nowUs + this.latencyUs(link);
    if (parcel.call === undefined) this.scheduleMessage(link, parcel, us);
    else this.schedule(parcel, this.world.nowUs + us);
  }

  private latencyUs(link: Link): number {
    return this.profile.minUs + link.rng.nextExponential(this.profile.tailUs);
  }

  private linkOf(from: number, to: number): Link {
    this.links[from] ??= [];
    const links = this.links[from];
    links[to] ??= this.newLink(`net/${from}/${to}`);
    return links[to];
  }

  private newLink(name: string): Link {
    const { seed } = this.world;
    return new Link(
      new Rng(seed, name),
      (label) => new Rng(seed, `${name}/${label}`),
      (link) => this.open(link),
    );
  }
}

/** After how long a packet that was lost so often in a row is sent for the last time; µs. */
function resentAfterUs(losses: number): number {
  if (losses === 0) return 0;
  return PROBE_US + RETRANSMIT_US * (2 ** (losses - 1) - 1);
}

/** Whether the connection broke under what a partition held back. */
function isGivenUp({ patient, sentUs }: HeldParcel, nowUs: number): boolean {
  return !patient && nowUs - sentUs >= KEEPALIVE_US;
}

/** Breaks a call that is still held after keep-alive's time. */
class KeepAlive implements EventTarget {
  private readonly held: HeldParcel;
  private readonly call: Call;

  constructor(held: HeldParcel, call: Call) {
    this.held = held;
    this.call = call;
  }

  fire(): void {
    if (this.held.waiting) this.call.finish(undefined, UNAVAILABLE);
  }
}
