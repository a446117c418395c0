import { setImmediate } from 'node:timers/promises';
import type { SimulatedCluster } from '../cluster/surface.ts';
import { SECOND_US } from './duration.ts';
import { type Violation, violationIn } from './run-checks.ts';

/** Virtual time between two looks at the sockets while the cluster works. */
const STEP_US = 1_000;
/** Wall time between two steps while nobody waits for anything. */
const TICK_MS = 10;
/** A process that was stopped for longer has lost that time. */
const CATCH_UP_MS = 1_000;
const US_PER_MS = 1_000;

/** How much virtual time a request may use up at once, unless told otherwise. */
export const HURRY_US = SECOND_US;

/** How time goes, and who is told. */
export interface ClockOptions {
  /** Virtual time that a request may use up at once, µs. */
  readonly hurryUs: number;
  /** While nothing is asked, time goes at the pace of the wall clock, or stands still. */
  readonly idle: 'passes' | 'stands';
  /** Called after every step of time. */
  readonly onStep: () => void;
  /**
   * Told of each assertion that is violated; the world then goes on without what the event would
   * still have done. Absent: `run` rejects.
   */
  readonly onViolation?: (violation: Violation) => void;
}

/**
 * Drives a cluster for people. While a request is under way, virtual time runs as fast as it can,
 * so that nobody waits for simulated latencies; but only for so much virtual time a request, since
 * what takes longer waits for something: a lock that another session holds. From then on,
 * and while nothing is asked, virtual time goes at the pace of the wall clock, so that time-outs,
 * leases and timers mean what they say. Of a cluster that is to be looked at as it was, time stands
 * still while nothing is asked.
 */
export class LiveClock {
  private readonly cluster: SimulatedCluster;
  private readonly options: ClockOptions;
  private underWay = 0;
  private hurryUntilUs = 0;
  private wake: () => void = () => {};
  private stopped = false;

  constructor(cluster: SimulatedCluster, options: ClockOptions) {
    this.cluster = cluster;
    this.options = options;
  }

  /** Lets time pass until `stop`. Rejects when the world breaks: an assertion was violated. */
  async run(): Promise<void> {
    let wallMs = performance.now();
    while (!this.stopped) {
      if (this.hurries) {
        await this.advance(STEP_US);
        await setImmediate();
        wallMs = performance.now();
      } else {
        await this.tick();
        const passedMs = Math.min(performance.now() - wallMs, CATCH_UP_MS);
        wallMs = performance.now();
        if (!this.stands) await this.advance(Math.floor(passedMs * US_PER_MS));
      }
      this.options.onStep();
    }
  }

  /** Hurries until the promise is settled or has had its share. */
  async during<T>(request: Promise<T>): Promise<T> {
    this.underWay++;
    this.hurryUntilUs = this.cluster.nowUs() + this.options.hurryUs;
    this.wake();
    try {
      return await request;
    } finally {
      this.underWay--;
    }
  }

  /** Ends `run` soon. */
  stop(): void {
    this.stopped = true;
    this.wake();
  }

  private async advance(us: number): Promise<void> {
    const { onViolation } = this.options;
    try {
      await this.cluster.advanceTo(this.cluster.nowUs() + us);
    } catch (error) {
      const violation = violationIn(error, this.cluster.nowUs());
      if (violation === undefined || onViolation === undefined) throw error;
      onViolation(violation);
    }
  }

  private get stands(): boolean {
    return this.underWay === 0 && this.options.idle === 'stands';
  }

  private get hurries(): boolean {
    return this.underWay > 0 && this.cluster.nowUs() < this.hurryUntilUs;
  }

  /** A moment, or less if somebody asks for something. */
  private tick(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, TICK_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
