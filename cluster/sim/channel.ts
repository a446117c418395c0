import type { Process } from './process.ts';
import type { Task, Wait } from './task.ts';

/** Somebody who waits to be rid of a value. */
interface Sender<T> {
  readonly value: T;
  readonly task: Task;
}

/**
 * A channel as Go has it, between tasks of one process: so many values fit, whoever finds it full
 * waits, and so does whoever finds it empty. With no room at all a value goes from hand to hand.
 */
export class Channel<T> {
  readonly capacity: number;
  private readonly process: Process;
  private readonly values: T[] = [];
  private readonly senders: Sender<T>[] = [];
  private readonly receivers: Task[] = [];
  private closed = false;
  private abandoned = false;

  constructor(process: Process, capacity: number) {
    this.process = process;
    this.capacity = capacity;
  }

  /** Values that are here, and how many wait to bring another. */
  get length(): number {
    return this.values.length;
  }

  /** How many wait with a value that found no room. */
  get blocked(): number {
    return this.senders.length;
  }

  /** Puts a value in. False: nobody will ever take it. */
  *send(value: T): Wait<boolean> {
    if (this.abandoned) return false;
    const receiver = this.receivers.shift();
    if (receiver !== undefined) receiver.resume(value);
    else if (this.values.length < this.capacity) this.values.push(value);
    else {
      this.senders.push({ value, task: this.process.world.currentTask() });
      return (yield) as unknown as boolean;
    }
    return true;
  }

  /** Takes a value out; undefined once it is closed and drained. */
  *receive(): Wait<T | undefined> {
    const ready = this.tryReceive();
    if (ready !== undefined || this.closed) return ready;
    this.receivers.push(this.process.world.currentTask());
    return (yield) as unknown as T | undefined;
  }

  /** No more values will be sent; those that are here can still be taken. */
  close(): void {
    this.closed = true;
    while (this.receivers.length > 0) this.receivers.shift()?.resume(undefined);
  }

  /** No more values will be taken: those that are here are dropped, and senders go on. */
  abandon(): void {
    this.abandoned = true;
    this.values.length = 0;
    while (this.senders.length > 0) this.senders.shift()?.task.resume(false);
    this.close();
  }

  /** Gives a value to whoever waits for one, out of turn. False: nobody does. */
  interrupt(value: T): boolean {
    const receiver = this.receivers.shift();
    receiver?.resume(value);
    return receiver !== undefined;
  }

  private tryReceive(): T | undefined {
    const value = this.values.shift();
    const sender = this.senders.shift();
    if (sender === undefined) return value;
    if (value !== undefined) this.values.push(sender.value);
    sender.task.resume(true);
    return value ?? sender.value;
  }
}
