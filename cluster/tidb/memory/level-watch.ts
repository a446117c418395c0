import type { Process } from '../../sim/index.ts';
import { LEVEL_US, type MemoryObserver } from './observer.ts';
import type { Tracker, TrackerWatch } from './tracker.ts';

/** Follows how much a node's sessions hold, coarsely: one figure for each stretch of time. */
export class LevelWatch implements TrackerWatch {
  private readonly process: Process;
  private readonly observer: MemoryObserver;
  private untilUs = 0;
  private highest = 0;

  constructor(process: Process, observer: MemoryObserver) {
    this.process = process;
    this.observer = observer;
  }

  grown({ consumed }: Tracker): boolean {
    const now = this.process.world.nowUs;
    if (now >= this.untilUs) this.next(now, consumed);
    else if (consumed > this.highest) this.highest = consumed;
    return true;
  }

  leavesPeak(): void {}

  check(): boolean {
    return false;
  }

  private next(now: number, consumed: number): void {
    if (this.untilUs > 0) {
      this.observer.level(this.process.name, this.untilUs - LEVEL_US, this.highest);
    }
    this.untilUs = (Math.floor(now / LEVEL_US) + 1) * LEVEL_US;
    this.highest = consumed;
  }
}
