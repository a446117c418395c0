import { Clocks } from './clock.ts';
import { type LinkProfile, Network } from './network.ts';
import { Process } from './process.ts';
import { Scheduler } from './scheduler.ts';
import type { Task } from './task.ts';

/** One simulated world: time, network, clocks and the processes that live in it. */
export class World {
  readonly seed: string;
  readonly scheduler = new Scheduler();
  readonly network: Network;
  readonly clocks = new Clocks();
  /** The task that is running, if any. */
  current: Task | undefined = undefined;
  private readonly byNode: (Process | undefined)[] = [];

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
    this.network.connectionsReset(node);
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
