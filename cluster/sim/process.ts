import { Call, DeadlineQueue, type RpcError } from './rpc.ts';
import { EVENT_DELIVER, EVENT_TIMER, type EventTarget } from './scheduler.ts';
import { Task, type Wait } from './task.ts';
import type { World } from './world.ts';

/** What a node does with what reaches it. */
export interface Handler {
  /** A request that wants an answer: `call.respond(…)` sooner or later, or never. */
  onCall(call: Call): void;
  /** A one-way message. */
  onMessage?(from: number, message: unknown): void;
}

/**
 * One incarnation of a node. A kill ends it for good: its tasks, timers and inbox are dropped
 * without a word (no `finally` runs), and only what its disk had synced is there for the next
 * incarnation.
 */
export class Process implements EventTarget {
  readonly world: World;
  /** Node number; stays the same over incarnations. */
  readonly node: number;
  readonly name: string;
  readonly incarnation: number;
  alive = true;
  private handler: Handler | undefined = undefined;
  private readonly deadlines = new Map<number, DeadlineQueue>();

  constructor(world: World, node: number, name: string, incarnation: number) {
    this.world = world;
    this.node = node;
    this.name = name;
    this.incarnation = incarnation;
  }

  /** Gives the process its behaviour; messages before that are refused. */
  handle(handler: Handler): void {
    this.handler = handler;
  }

  /** Starts a task at once. Without `onEnd` an error in it is a bug of ours and ends the run. */
  spawn(body: Wait<unknown>, onEnd?: (error: unknown, value: unknown) => void): Task {
    const task = new Task(this, body, onEnd);
    task.resume(undefined);
    return task;
  }

  /** Calls `action` after `us`, unless the process is gone by then. */
  after(us: number, action: () => void): void {
    this.world.scheduler.schedule(this.world.nowUs + us, EVENT_TIMER, this.node, 0, this, action);
  }

  /**
   * Sends a request; `onReply` is called exactly once unless this process dies first. `digest`
   * stands for the request in the trace.
   */
  call(
    to: number,
    request: unknown,
    digest: number,
    timeoutUs: number,
    onReply: (reply: unknown, error: RpcError | undefined) => void,
  ): void {
    const call = new Call(this, to, request, onReply);
    this.deadlineQueue(timeoutUs).add(call);
    this.world.network.deliverCall(call, digest);
  }

  /** As `call`, for the running task: it parks next (`yield`) and gets the reply or `RpcError`. */
  request(to: number, request: unknown, digest: number, timeoutUs: number): void {
    const task = this.world.currentTask();
    this.call(to, request, digest, timeoutUs, (reply, error) => task.resume(error ?? reply));
  }

  /** Sends a one-way message. */
  send(to: number, message: unknown, digest: number): void {
    this.world.network.deliverMessage(this, to, message, digest);
  }

  /** Wall clock in ms since the world began: virtual time plus this node's skew. */
  wallMs(): number {
    return Math.floor(this.wallUs() / 1000);
  }

  /** Wall clock in µs. */
  wallUs(): number {
    return this.world.nowUs + this.world.clocks.skewUs(this.node);
  }

  fire(kind: number, payload: unknown): void {
    if (!this.alive) return;
    if (kind === EVENT_TIMER) (payload as () => void)();
    else if (kind === EVENT_DELIVER) (payload as () => void)();
  }

  /** Hands an arrived call to the handler; refused if there is none. */
  accept(call: Call): boolean {
    if (!this.alive || this.handler === undefined) return false;
    call.server = this;
    this.handler.onCall(call);
    return true;
  }

  /** Hands an arrived one-way message to the handler. */
  receive(from: number, message: unknown): void {
    if (this.alive) this.handler?.onMessage?.(from, message);
  }

  /** Calls of this process still waiting for an answer from `node`, oldest first. */
  pendingCallsTo(node: number): Call[] {
    const calls: Call[] = [];
    for (const queue of this.deadlines.values()) queue.collect(node, calls);
    return calls;
  }

  private deadlineQueue(timeoutUs: number): DeadlineQueue {
    let queue = this.deadlines.get(timeoutUs);
    if (queue === undefined) {
      queue = new DeadlineQueue(this, timeoutUs);
      this.deadlines.set(timeoutUs, queue);
    }
    return queue;
  }
}
