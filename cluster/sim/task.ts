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
    if (!this.process.alive) return;
    const outer = this.process.world.current;
    this.process.world.current = this;
    try {
      const step = this.body.next(value);
      if (step.done === true) this.onEnd?.(undefined, step.value);
    } catch (error) {
      this.end(error);
    } finally {
      this.process.world.current = outer;
    }
  }

  /** Throws `error` at the `yield` it is parked at. */
  fail(error: unknown): void {
    if (!this.process.alive) return;
    const outer = this.process.world.current;
    this.process.world.current = this;
    try {
      const step = this.body.throw(error);
      if (step.done === true) this.onEnd?.(undefined, step.value);
    } catch (thrown) {
      this.end(thrown);
    } finally {
      this.process.world.current = outer;
    }
  }

  fire(): void {
    this.resume(undefined);
  }

  private end(error: unknown): void {
    if (this.onEnd === undefined) throw error;
    this.onEnd(error, undefined);
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
