import { EVENT_HARNESS } from '../cluster/sim/index.ts';
import type { FaultHost } from '../runner/faults/index.ts';
import { BareSurface } from './bare-surface.ts';

/** Bare nodes with a place in time to do things to them, and a note of what was done. */
export class BareHost extends BareSurface implements FaultHost {
  /** Kills and restarts have no effect. */
  deaf = false;
  /** Kills and restarts, with their times. */
  readonly calls: string[] = [];

  override kill(id: number): void {
    this.calls.push(`${this.nowUs()} kill ${id}`);
    if (!this.deaf) super.kill(id);
  }

  override restart(id: number): void {
    if (this.isAlive(id)) return;
    this.calls.push(`${this.nowUs()} restart ${id}`);
    if (!this.deaf) super.restart(id);
  }

  nowUs(): number {
    return this.world.nowUs;
  }

  at(timeUs: number, action: () => void): void {
    this.world.scheduler.schedule(timeUs, EVENT_HARNESS, this.clientId, 0, { fire: action }, 0);
  }

  /** Lets time pass. */
  advanceTo(timeUs: number): void {
    this.world.scheduler.runUntil(timeUs);
  }
}
