import { Clocks } from './clock.ts';
import { KEEPALIVE_US, type LinkProfile, Network } from './network.ts';
import { Process } from './process.ts';
import { EVENT_HARNESS, type EventTarget, Scheduler } from './scheduler.ts';
import type { Task } from './task.ts';

/** Node of an event that happens to no node. */
const NOBODY = -1;
/** Name of what lies on the links to a paused process once its peers have given it up. */
const GIVEN_UP = 'peer is paused';

/** A pause of one process, and what its peers make of it. */
class Pause implements EventTarget {
  private readonly world: World;
  private readonly node: number;
  private readonly cutOff: number[] = [];
  private over = false;

  constructor(world: World, node: number) {
    this.world = world;
    this.node = node;
  }

  /** Keep-alive: nobody has answered for too long, the connections break. */
  fire(): void {
    if (this.over) return;
    const { network } = this.world;
    for (const { node } of this.world.processes()) {
      if (node === this.node) continue;
      network.link(node, this.node).impose(GIVEN_UP, { kind: 'block' });
      this.cutOff.push(node);
    }
    network.connectionsBroken(this.node);
  }

  /** New connections can be made again. */
  end(): void {
    this.over = true;
    for (const node of this.cutOff) this.world.network.link(node, this.node).lift(GIVEN_UP);
  }
}

/** One simulated world: time, network, clocks and the processes that live in it. */
export class World {
  readonly seed: string;
  readonly scheduler = new Scheduler();
  readonly network: Network;
  readonly clocks = new Clocks(() => this.scheduler.nowUs);
  /** The task that is running, if any. */
  current: Task | undefined = undefined;
  private readonly byNode: (Process | undefined)[] = [];
  private readonly pauses = new Map<number, Pause>();

  constructor(seed: string, link: LinkProfile) {
    this.seed = seed;
    this.network = new Network(this, link);
  }

  /** Virtual time in µs. */
  get nowUs(): number {
    return this.scheduler.nowUs;
  }

  /** Starts the next incarnation of a node. */
  start(node: number, name: string): Process {
    const before = this.byNode[node];
    if (before?.alive === true) throw new Error(`${name} is already running`);
    const process = new Process(this, node, name, (before?.incarnation ?? 0) + 1);
    this.byNode[node] = process;
    return process;
  }

  /** Ends an incarnation: everything it was doing is forgotten. */
  kill(node: number): void {
    const process = this.byNode[node];
    if (process === undefined || !process.alive) return;
    process.alive = false;
    if (this.isPaused(node)) this.resume(node);
    this.network.connectionsReset(node);
  }

  /**
   * Stops a process without ending it, as SIGSTOP does. Its timers, its inbox and its disk's
   * answers wait; its clock goes on; its peers' kernels still take what is sent to it until
   * keep-alive says that nobody answers.
   */
  pause(node: number): void {
    if (this.byNode[node]?.alive !== true || this.isPaused(node)) return;
    this.scheduler.freeze(node);
    const pause = new Pause(this, node);
    this.pauses.set(node, pause);
    const at = this.nowUs + KEEPALIVE_US;
    this.scheduler.schedule(at, EVENT_HARNESS, NOBODY, node, pause, 0);
  }

  /** Lets a paused process go on: first with all that it missed, in order. */
  resume(node: number): void {
    this.pauses.get(node)?.end();
    this.pauses.delete(node);
    this.scheduler.thaw(node);
  }

  /** Whether the process is stopped. */
  isPaused(node: number): boolean {
    return this.scheduler.isFrozen(node);
  }

  /** The latest incarnation of a node. */
  process(node: number): Process | undefined {
    return this.byNode[node];
  }

  /** The latest incarnation of every node, in order of node number. */
  processes(): readonly Process[] {
    return this.byNode.filter((process) => process !== undefined);
  }

  /** The running task; asking outside of one is a bug of ours. */
  currentTask(): Task {
    if (this.current === undefined) throw new Error('only a task may wait');
    return this.current;
  }
}
