import type { Process } from '../../sim/index.ts';
import type { MemoryController } from './memory-controller.ts';
import { LEVEL_US, type MemoryLevel, type MemoryObserver } from './observer.ts';
import type { Tracker, TrackerWatch } from './tracker.ts';

/**
 * Follows how much a node's sessions hold: wakes the controller, and tells an observer coarsely,
 * one figure for each stretch of time.
 */
export class NodeWatch implements TrackerWatch {
  private readonly process: Process;
  private readonly observer: MemoryObserver;
  private readonly controller: MemoryController;
  private untilUs = 0;
  private level: MemoryLevel = { node: '', fromUs: 0, consumed: 0 };

  constructor(process: Process, observer: MemoryObserver, controller: MemoryController) {
    this.process = process;
    this.observer = observer;
    this.controller = controller;
  }

  grown({ consumed }: Tracker): boolean {
    const now = this.process.world.nowUs;
    if (now >= this.untilUs) this.next(now, consumed);
    else if (consumed > this.level.consumed) this.level.consumed = consumed;
    this.controller.grown(consumed);
    return true;
  }

  leavesPeak(): void {}

  check(): boolean {
    return false;
  }

  private next(now: number, consumed: number): void {
    const fromUs = Math.floor(now / LEVEL_US) * LEVEL_US;
    this.untilUs = fromUs + LEVEL_US;
    this.level = { node: this.process.name, fromUs, consumed };
    this.observer.level(this.level);
  }
}
