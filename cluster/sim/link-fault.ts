import type { FaultInForce } from './faulty.ts';
import type { Rng } from './rng.ts';

/** What can be wrong with a directed link. Percentages and correlations are 0 to 100. */
export type LinkFault =
  /** Nothing gets through; TCP tries again until keep-alive gives the connection up. */
  | { readonly kind: 'block' }
  /** Everything is held, however long, and let go in order when the fault is lifted. */
  | { readonly kind: 'clog' }
  /**
   * `loss`: a packet vanishes. `corrupt`: a bit of it flips, the checksum tells, the receiver drops
   * it. TCP sends both again, so that a reader sees delay and, rarely, a broken connection.
   * `duplicate`: a one-way message arrives twice, the copy late. `reorder`: a one-way message is
   * overtaken by those after it. A call is answered once, whatever becomes of its packets: the
   * transport under it drops copies and restores order.
   */
  | {
      readonly kind: 'loss' | 'corrupt' | 'duplicate' | 'reorder';
      readonly percent: number;
      readonly correlation: number;
    }
  /** Every packet takes longer by `latencyUs`, give or take up to `jitterUs`. */
  | {
      readonly kind: 'delay';
      readonly latencyUs: number;
      readonly jitterUs: number;
      readonly correlation: number;
    };

const TWO_32 = 4294967296;
/** How late the copy of a message, or a message that is overtaken, is on average. */
const LAG_US = 50_000;

/**
 * A fault in force on one link, with the stream of chances that is its own. Its draws hang together
 * as netem's do (`get_crandom` in Linux `net/sched/sch_netem.c`): each is a mean of a fresh number
 * and the draw before, weighted by the correlation. As with netem, this bends the odds: 25 % with
 * correlation 25 strikes less often than one in four, and more often in a row.
 */
export class LinkFaultInForce implements FaultInForce<LinkFault> {
  readonly label: string;
  readonly fault: LinkFault;
  hits = 0;
  private readonly rng: Rng;
  private last: number;

  constructor(label: string, fault: LinkFault, rng: Rng) {
    this.label = label;
    this.fault = fault;
    this.rng = rng;
    this.last = rng.nextU32();
  }

  /** Whether it strikes the next packet; only for faults with a percentage. */
  strikes(): boolean {
    const { fault } = this;
    if (!('percent' in fault)) return false;
    if (this.draw(fault.correlation) * 100 >= fault.percent * TWO_32) return false;
    this.hits++;
    return true;
  }

  /** By how much it delays the next packet, µs; only for `delay`. */
  delayUs(): number {
    const { fault } = this;
    if (fault.kind !== 'delay') return 0;
    this.hits++;
    const { latencyUs, jitterUs, correlation } = fault;
    if (jitterUs === 0) return latencyUs;
    const offset = Math.floor((this.draw(correlation) * 2 * jitterUs) / TWO_32) - jitterUs;
    return Math.max(0, latencyUs + offset);
  }

  /** How far behind a copy, or a message that is overtaken, comes; µs. */
  lagUs(): number {
    return this.rng.nextExponential(LAG_US);
  }

  private draw(correlation: number): number {
    const fresh = this.rng.nextU32();
    this.last = Math.floor((fresh * (100 - correlation) + this.last * correlation) / 100);
    return this.last;
  }
}
