import type { Process } from './process.ts';
import { EVENT_DEADLINE, type EventTarget } from './scheduler.ts';

/** No answer came. Whether the request was executed is unknown either way. */
export interface RpcError {
  readonly kind: 'rpc-error';
  /** gRPC's words: the connection broke or was refused, or time ran out. */
  readonly reason: 'Unavailable' | 'DeadlineExceeded';
}

/** Tells an error from a reply. */
export function isRpcError(reply: unknown): reply is RpcError {
  return typeof reply === 'object' && reply !== null && (reply as RpcError).kind === 'rpc-error';
}

/** The connection broke, or nobody listens. */
export const UNAVAILABLE: RpcError = { kind: 'rpc-error', reason: 'Unavailable' };
/** The deadline passed. */
export const DEADLINE_EXCEEDED: RpcError = { kind: 'rpc-error', reason: 'DeadlineExceeded' };

/** A request under way: it travels to the server and its answer travels back. */
export class Call implements EventTarget {
  readonly caller: Process;
  readonly to: number;
  readonly request: unknown;
  /** The incarnation that received it. */
  server: Process | undefined = undefined;
  deadlineUs = 0;
  queue: DeadlineQueue | undefined = undefined;
  older: Call | undefined = undefined;
  newer: Call | undefined = undefined;
  private readonly onReply: (reply: unknown, error: RpcError | undefined) => void;

  constructor(
    caller: Process,
    to: number,
    request: unknown,
    onReply: (reply: unknown, error: RpcError | undefined) => void,
  ) {
    this.caller = caller;
    this.to = to;
    this.request = request;
    this.onReply = onReply;
  }

  /** True until an answer, an error or the deadline has reached the caller. */
  get open(): boolean {
    return this.queue !== undefined;
  }

  /** Server side: sends the answer, unless the server has died meanwhile. */
  respond(reply: unknown, digest: number): void {
    const server = this.server;
    if (server?.alive === true) server.world.network.deliverReply(this, reply, digest);
  }

  /** The answer arrives, or the news that there will be none. */
  fire(_kind: number, reply: unknown): void {
    if (reply === UNAVAILABLE) this.finish(undefined, UNAVAILABLE);
    else this.finish(reply, undefined);
  }

  /** Caller side: ends the call. */
  finish(reply: unknown, error: RpcError | undefined): void {
    const queue = this.queue;
    if (queue === undefined) return;
    queue.remove(this);
    if (this.caller.alive) this.onReply(reply, error);
  }
}

/**
 * Calls of one process with one time-out. They expire in the order they were made, so a linked list
 * and one event for its head do for all of them; a finished call costs no event.
 */
export class DeadlineQueue implements EventTarget {
  private readonly process: Process;
  private readonly timeoutUs: number;
  private oldest: Call | undefined = undefined;
  private newest: Call | undefined = undefined;
  private armed = false;

  constructor(process: Process, timeoutUs: number) {
    this.process = process;
    this.timeoutUs = timeoutUs;
  }

  /** Starts the time of a call. */
  add(call: Call): void {
    call.deadlineUs = this.process.world.nowUs + this.timeoutUs;
    call.queue = this;
    call.older = this.newest;
    if (this.newest === undefined) this.oldest = call;
    else this.newest.newer = call;
    this.newest = call;
    if (!this.armed) this.arm(call.deadlineUs);
  }

  /** Takes a finished call out. */
  remove(call: Call): void {
    if (call.older === undefined) this.oldest = call.newer;
    else call.older.newer = call.newer;
    if (call.newer === undefined) this.newest = call.older;
    else call.newer.older = call.older;
    call.older = undefined;
    call.newer = undefined;
    call.queue = undefined;
  }

  /** Adds the open calls to `node` to `calls`, oldest first. */
  collect(node: number, calls: Call[]): void {
    for (let call = this.oldest; call !== undefined; call = call.newer) {
      if (call.to === node) calls.push(call);
    }
  }

  fire(): void {
    this.armed = false;
    if (!this.process.alive) return;
    const now = this.process.world.nowUs;
    while (this.oldest !== undefined && this.oldest.deadlineUs <= now) {
      this.oldest.finish(undefined, DEADLINE_EXCEEDED);
    }
    if (this.oldest !== undefined && !this.armed) this.arm(this.oldest.deadlineUs);
  }

  private arm(atUs: number): void {
    this.armed = true;
    this.process.world.scheduler.schedule(atUs, EVENT_DEADLINE, this.process.node, 0, this, 0);
  }
}
