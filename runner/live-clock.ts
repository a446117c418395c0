import { setImmediate } from 'node:timers/promises';
import type { SimulatedCluster } from '../cluster/surface.ts';
import { SECOND_US } from './duration.ts';

/** Virtual time between two looks at the sockets while the cluster works. */
const STEP_US = 1_000;
/** Wall time between two steps while nobody waits for anything. */
const TICK_MS = 10;
/** A process that was stopped for longer has lost that time. */
const CATCH_UP_MS = 1_000;
const US_PER_MS = 1_000;

/** How much virtual time a request may use up at once, unless told otherwise. */
export const HURRY_US = SECOND_US;

/**
 * Drives a cluster for people. While a request is under way, virtual time runs as fast as it can,
 * so that nobody waits for simulated latencies; but only for so much virtual time a request, since
 * what takes longer waits for something: a lock that another session holds, SLEEP(). From then on,
 * and while nothing is asked, virtual time goes at the pace of the wall clock, so that time-outs,
 * leases and timers mean what they say.
 */
export class LiveClock {
  private readonly cluster: SimulatedCluster;
  private readonly hurryUs: number;
  private readonly onStep: () => void;
  private underWay = 0;
  private hurryUntilUs = 0;
  private wake: () => void = () => {};
  private stopped = false;

  /** @param onStep called after every step of time */
  constructor(cluster: SimulatedCluster, hurryUs: number, onStep: () => void) {
    this.cluster = cluster;
    this.hurryUs = hurryUs;
    this.onStep = onStep;
  }

  /** Lets time pass until `stop`. Rejects when the world breaks: an assertion was violated. */
  async run(): Promise<void> {
    let wallMs = performance.now();
    while (!this.stopped) {
      if (this.hurries) {
        await this.cluster.advanceTo(this.cluster.nowUs() + STEP_US);
        await setImmediate();
        wallMs = performance.now();
      } else {
        await this.tick();
        const passedMs = Math.min(performance.now() - wallMs, CATCH_UP_MS);
        wallMs = performance.now();
        await this.cluster.advanceTo(this.cluster.nowUs() + Math.floor(passedMs * US_PER_MS));
      }
      this.onStep();
    }
  }

  /** Hurries until the promise is settled or has had its share. */
  async during<T>(request: Promise<T>): Promise<T> {
    this.underWay++;
    this.hurryUntilUs = this.cluster.nowUs() + this.hurryUs;
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
