import type { Process } from './process.ts';
import { EVENT_TIMER, type EventTarget } from './scheduler.ts';

/** A computation that may wait. `yield*` it; a bare `yield` inside `sim` parks the task. */
export type Wait<T> = Generator<void, T, unknown>;

/**
 * A generator driven by events. Whoever parks it keeps a reference and calls `resume` or `fail`
 * once. A killed process resumes none of its tasks: their frames are simply forgotten.
 */
export class Task implements EventTarget {
  readonly process: Process;
  private readonly body: Wait<unknown>;
  private readonly onEnd: ((error: unknown, value: unknown) => void) | undefined;
  /** Ended or cancelled: nothing resumes it any more. */
  private over = false;

  constructor(
    process: Process,
    body: Wait<unknown>,
    onEnd?: (error: unknown, value: unknown) => void,
  ) {
    this.process = process;
    this.body = body;
    this.onEnd = onEnd;
  }

  /** Goes on with `value` as the result of the `yield` it is parked at. */
  resume(value: unknown): void {
    if (!this.process.alive || this.over) return;
    const outer = this.process.world.current;
    this.process.world.current = this;
    try {
      const step = this.body.next(value);
      if (step.done === true) this.end(undefined, step.value);
    } catch (error) {
      if (this.onEnd === undefined) throw error;
      this.end(error, undefined);
    } finally {
      this.process.world.current = outer;
    }
  }

  /** Throws `error` at the `yield` it is parked at. */
  fail(error: unknown): void {
    if (!this.process.alive || this.over) return;
    const outer = this.process.world.current;
    this.process.world.current = this;
    try {
      const step = this.body.throw(error);
      if (step.done === true) this.end(undefined, step.value);
    } catch (thrown) {
      if (this.onEnd === undefined) throw thrown;
      this.end(thrown, undefined);
    } finally {
      this.process.world.current = outer;
    }
  }

  /**
   * Ends it where it is parked; its `finally` blocks run. Whoever was to resume it does so in vain:
   * only for what waits for an answer, never for a place in a queue.
   */
  cancel(): void {
    if (!this.process.alive || this.over) return;
    this.over = true;
    this.body.return(undefined);
    this.onEnd?.(undefined, undefined);
  }

  fire(): void {
    this.resume(undefined);
  }

  private end(error: unknown, value: unknown): void {
    this.over = true;
    this.onEnd?.(error, value);
  }
}

/** Waits for `us` of virtual time. */
export function* sleep(process: Process, us: number): Wait<void> {
  const world = process.world;
  world.scheduler.schedule(world.nowUs + us, EVENT_TIMER, process.node, 0, world.currentTask(), 0);
  yield;
}

/** The outcome of one of several concurrent computations. */
export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/** Runs several computations at once and waits for all of them, whatever becomes of each. */
export function* settleAll<T>(process: Process, bodies: readonly Wait<T>[]): Wait<Settled<T>[]> {
  const results: Settled<T>[] = new Array(bodies.length);
  if (bodies.length === 0) return results;
  const parent = process.world.currentTask();
  let left = bodies.length;
  let parked = false;
  for (let i = 0; i < bodies.length; i++) {
    process.spawn(bodies[i] as Wait<T>, (error, value) => {
      results[i] = error === undefined ? { ok: true, value: value as T } : { ok: false, error };
      if (--left === 0 && parked) parent.resume(undefined);
    });
  }
  if (left > 0) {
    parked = true;
    yield;
  }
  return results;
}

/** A place where tasks wait to be woken by name: a condition variable of one process. */
export class Gate<T = void> {
  private waiting: Task[] = [];

  /** Parks until `open`. */
  *wait(process: Process): Wait<T> {
    this.waiting.push(process.world.currentTask());
    return (yield) as T;
  }

  /** Wakes everyone who waits, in order. */
  open(value: T): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const task of waiting) task.resume(value);
  }

  /** How many wait. */
  get length(): number {
    return this.waiting.length;
  }
}
