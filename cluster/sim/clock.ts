import { type FaultInForce, type Faulty, withFault, withoutFault } from './faulty.ts';

/** What can be wrong with a wall clock. */
export interface ClockFault {
  /** µs by which it is ahead; behind if negative. */
  readonly offsetUs: number;
  /**
   * With a period the clock strobes: it is off for so many µs, right for as many, and so on.
   * 0: it is off all the time.
   */
  readonly strobeUs: number;
}

interface ClockFaultInForce extends FaultInForce<ClockFault> {
  readonly sinceUs: number;
  hits: number;
}

/** One node's wall clock: virtual time plus what faults make of it. */
export class Clock implements Faulty<ClockFault> {
  inForce: readonly ClockFaultInForce[] = [];
  private readonly nowUs: () => number;

  /** @param nowUs virtual time, µs */
  constructor(nowUs: () => number) {
    this.nowUs = nowUs;
  }

  impose(label: string, fault: ClockFault): void {
    this.inForce = withFault(this.inForce, { label, fault, sinceUs: this.nowUs(), hits: 0 });
  }

  lift(label: string): void {
    this.inForce = withoutFault(this.inForce, label);
  }

  /** µs by which the clock is ahead now. Skews add up. */
  get skewUs(): number {
    const now = this.nowUs();
    let skewUs = 0;
    for (const force of this.inForce) {
      const { offsetUs, strobeUs } = force.fault;
      const right = strobeUs > 0 && Math.floor((now - force.sinceUs) / strobeUs) % 2 === 1;
      if (right) continue;
      force.hits++;
      skewUs += offsetUs;
    }
    return skewUs;
  }
}

/**
 * Wall clocks. The monotonic clock (Linux's CLOCK_MONOTONIC_RAW) is virtual time itself, which
 * skews do not touch.
 */
export class Clocks {
  private readonly clocks = new Map<number, Clock>();
  private readonly nowUs: () => number;

  /** @param nowUs virtual time, µs */
  constructor(nowUs: () => number) {
    this.nowUs = nowUs;
  }

  /** µs by which `node`'s wall clock is ahead. */
  skewUs(node: number): number {
    return this.clocks.get(node)?.skewUs ?? 0;
  }

  /** The wall clock of a node, to lay faults on. */
  of(node: number): Clock {
    let clock = this.clocks.get(node);
    if (clock === undefined) {
      clock = new Clock(this.nowUs);
      this.clocks.set(node, clock);
    }
    return clock;
  }
}
