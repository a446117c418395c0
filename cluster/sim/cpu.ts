import type { Process } from './process.ts';
import { EVENT_TIMER } from './scheduler.ts';
import type { Wait } from './task.ts';

/**
 * A finite number of cores. Work is given to the core that is free first, so overload shows as
 * latency.
 */
export class Cpu {
  private readonly process: Process;
  private readonly freeAtUs: Float64Array;

  constructor(process: Process, cores: number) {
    this.process = process;
    this.freeAtUs = new Float64Array(cores);
  }

  /** Reserves `us` of one core and returns when that work will be done. */
  reserve(us: number): number {
    const free = this.freeAtUs;
    let best = 0;
    for (let core = 1; core < free.length; core++) {
      if ((free[core] as number) < (free[best] as number)) best = core;
    }
    const now = this.process.world.nowUs;
    const end = Math.max(now, free[best] as number) + us;
    free[best] = end;
    return end;
  }

  /** Does `us` of work, then calls `done`. */
  after(us: number, done: () => void): void {
    const { scheduler } = this.process.world;
    scheduler.schedule(this.reserve(us), EVENT_TIMER, this.process.node, us, this.process, done);
  }

  /** Does `us` of work. */
  *run(us: number): Wait<void> {
    const { world, node } = this.process;
    world.scheduler.schedule(this.reserve(us), EVENT_TIMER, node, us, world.currentTask(), 0);
    yield;
  }
}
