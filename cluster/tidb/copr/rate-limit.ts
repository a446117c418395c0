import type { Process, Task, Wait } from '../../sim/index.ts';

/**
 * So many tokens: a task may be sent for each. One that is destroyed is a token taken for good.
 * Source: TiDB `util.RateLimit`, `sendRate` of a `copIterator`.
 */
export class RateLimit {
  readonly capacity: number;
  private readonly process: Process;
  /** Tokens that are out, destroyed ones among them. */
  private taken = 0;
  private waiting: Task | undefined = undefined;
  private closed = false;

  constructor(process: Process, capacity: number) {
    this.process = process;
    this.capacity = capacity;
  }

  /** Tokens that can be taken. */
  get free(): number {
    return this.capacity - this.taken;
  }

  /** Takes a token; waits for one if need be. False: nothing may be sent any more. */
  *take(): Wait<boolean> {
    while (!this.closed && this.taken >= this.capacity) {
      this.waiting = this.process.world.currentTask();
      yield;
    }
    return this.tryTake();
  }

  /** Takes a token if there is one. */
  tryTake(): boolean {
    if (this.closed || this.taken >= this.capacity) return false;
    this.taken++;
    return true;
  }

  /** Gives a token back. */
  give(): void {
    if (this.taken === 0) throw new Error('a token was given back that nobody had');
    this.taken--;
    this.wake();
  }

  /** Nothing will be sent any more: all tokens are back. */
  close(): void {
    this.closed = true;
    this.taken = 0;
    this.wake();
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resume(undefined);
  }
}
