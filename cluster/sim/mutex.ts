import type { Process } from './process.ts';
import { Gate, type Wait } from './task.ts';

/** A lock of one process: who finds it held waits, and gets it in order of arrival. */
export class Mutex {
  private held = false;
  private readonly waiting: Gate[] = [];

  /** Takes the lock if nobody has it. Where that fails, `wait` is next. */
  tryLock(): boolean {
    if (this.held) return false;
    this.held = true;
    return true;
  }

  /** Parks until the lock has been handed over by the one who had it. */
  *wait(process: Process): Wait<void> {
    const gate = new Gate();
    this.waiting.push(gate);
    yield* gate.wait(process);
  }

  /** Gives the lock back: to the one who has waited longest, who goes on at once. */
  unlock(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.held = false;
    else next.open(undefined);
  }

  /** How many wait. */
  get length(): number {
    return this.waiting.length;
  }
}
