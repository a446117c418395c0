import { Trace } from './trace.ts';

/** Kinds of events, as the trace hashes them. */
export const EVENT_DELIVER = 1;
/** A reply, or the news that none will come. */
export const EVENT_REPLY = 2;
/** A sleeping task wakes or a timer fires. */
export const EVENT_TIMER = 3;
/** The oldest call of a deadline class may be overdue. */
export const EVENT_DEADLINE = 4;
/** A disk finished a sync. */
export const EVENT_DISK = 5;
/** The harness acts: a fault, a case waking up. */
export const EVENT_HARNESS = 6;

/** Whatever an event happens to. */
export interface EventTarget {
  fire(kind: number, payload: unknown): void;
}

/**
 * Virtual time and the one event heap, ordered by (time, sequence). A binary heap of slot numbers
 * over parallel arrays: no object per event, and a tie is broken by the order of scheduling.
 */
export class Scheduler {
  /** Virtual time in µs. */
  nowUs = 0;
  readonly trace = new Trace();
  /** Set when a promise of user code was settled: the loop must let that code run. */
  userWork = false;

  private sequence = 0;
  private size = 0;
  private heap = new Int32Array(1024);
  private times = new Float64Array(1024);
  private sequences = new Float64Array(1024);
  private kinds = new Uint8Array(1024);
  private nodes = new Int32Array(1024);
  private digests = new Int32Array(1024);
  private targets: (EventTarget | undefined)[] = new Array(1024).fill(undefined);
  private payloads: unknown[] = new Array(1024).fill(undefined);
  private free: number[] = [];
  private slots = 0;
  /** Events that came due while their node was frozen, in that order; undefined: none is. */
  private frozen: Map<number, number[]> | undefined = undefined;

  /** Events still to come. */
  get pending(): number {
    return this.size;
  }

  /** Schedules an event; `atUs` in the past means now. */
  schedule(
    atUs: number,
    kind: number,
    node: number,
    digest: number,
    target: EventTarget,
    payload: unknown,
  ): void {
    const slot = this.free.pop() ?? this.newSlot();
    this.times[slot] = Math.max(atUs, this.nowUs);
    this.sequences[slot] = this.sequence++;
    this.kinds[slot] = kind;
    this.nodes[slot] = node;
    this.digests[slot] = digest;
    this.targets[slot] = target;
    this.payloads[slot] = payload;
    this.push(slot);
  }

  /** From now on nothing happens to a node; whatever comes due waits for `thaw`. */
  freeze(node: number): void {
    this.frozen ??= new Map();
    if (!this.frozen.has(node)) this.frozen.set(node, []);
  }

  /**
   * Lets happen, before anything else and in the order of their times, what a frozen node missed.
   * The heap gives that order by itself: those times are past.
   */
  thaw(node: number): void {
    const missed = this.frozen?.get(node);
    if (this.frozen === undefined || missed === undefined) return;
    this.frozen.delete(node);
    if (this.frozen.size === 0) this.frozen = undefined;
    for (const slot of missed) this.push(slot);
  }

  /** Whether the node is frozen. */
  isFrozen(node: number): boolean {
    return this.frozen?.has(node) === true;
  }

  /**
   * Runs events up to and including `untilUs`. Returns true as soon as user code was touched, false
   * when time has come to `untilUs`.
   */
  runUntil(untilUs: number): boolean {
    while (this.size > 0) {
      const slot = this.heap[0] as number;
      const time = this.times[slot] as number;
      if (time > untilUs) break;
      if (time > this.nowUs) this.nowUs = time;
      this.fire(slot);
      if (this.userWork) {
        this.userWork = false;
        return true;
      }
    }
    if (untilUs > this.nowUs) this.nowUs = untilUs;
    return false;
  }

  private fire(slot: number): void {
    this.removeFirst();
    if (this.frozen !== undefined && this.misses(slot)) return;
    const kind = this.kinds[slot] as number;
    const target = this.targets[slot] as EventTarget;
    const payload = this.payloads[slot];
    this.targets[slot] = undefined;
    this.payloads[slot] = undefined;
    this.free.push(slot);
    this.trace.add(this.nowUs, kind, this.nodes[slot] as number, this.digests[slot] as number);
    target.fire(kind, payload);
  }

  /** Puts an event aside if its node is frozen. */
  private misses(slot: number): boolean {
    const missed = this.frozen?.get(this.nodes[slot] as number);
    missed?.push(slot);
    return missed !== undefined;
  }

  private newSlot(): number {
    if (this.slots === this.times.length) this.grow();
    return this.slots++;
  }

  private grow(): void {
    const next = this.slots * 2;
    this.heap = copyOf(new Int32Array(next), this.heap);
    this.times = copyOf(new Float64Array(next), this.times);
    this.sequences = copyOf(new Float64Array(next), this.sequences);
    this.kinds = copyOf(new Uint8Array(next), this.kinds);
    this.nodes = copyOf(new Int32Array(next), this.nodes);
    this.digests = copyOf(new Int32Array(next), this.digests);
  }

  private before(a: number, b: number): boolean {
    const ta = this.times[a] as number;
    const tb = this.times[b] as number;
    return ta < tb || (ta === tb && (this.sequences[a] as number) < (this.sequences[b] as number));
  }

  private push(slot: number): void {
    const heap = this.heap;
    let at = this.size++;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const other = heap[up] as number;
      if (!this.before(slot, other)) break;
      heap[at] = other;
      at = up;
    }
    heap[at] = slot;
  }

  private removeFirst(): void {
    const heap = this.heap;
    const size = --this.size;
    const last = heap[size] as number;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.before(heap[child + 1] as number, heap[child] as number))
        child++;
      const other = heap[child] as number;
      if (!this.before(other, last)) break;
      heap[at] = other;
      at = child;
    }
    heap[at] = last;
  }
}

function copyOf<T extends Float64Array | Int32Array | Uint8Array>(to: T, from: T): T {
  to.set(from as never);
  return to;
}
