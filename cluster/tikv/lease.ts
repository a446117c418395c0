/**
 * How long a leader may answer reads alone after a quorum has confirmed it, µs. Less than the least
 * election timeout, and on the monotonic clock. Source: TiKV `raft-store-max-leader-lease`, 9 s.
 */
export const LEASE_US = 9_000_000;

/** With less than this left a read also asks for a new lease. */
const RENEW_US = LEASE_US / 4;

/**
 * The leader's right to read without asking. It counts from before the proposal or the round of
 * heartbeats that a quorum answered: since then nobody of that quorum has helped anyone else to
 * lead. While leadership is being handed over that does not hold, so the lease is *suspect*.
 */
export class Lease {
  private untilUs = 0;
  private suspectSinceUs = -1;

  /** A quorum confirmed leadership as of `sinceUs`. */
  renew(sinceUs: number): void {
    if (this.suspectSinceUs >= sinceUs) return;
    this.suspectSinceUs = -1;
    if (sinceUs + LEASE_US > this.untilUs) this.untilUs = sinceUs + LEASE_US;
  }

  /** Leadership is being handed over: what was confirmed before says nothing any more. */
  suspect(nowUs: number): void {
    this.untilUs = 0;
    this.suspectSinceUs = nowUs;
  }

  /** Leadership is lost. */
  expire(): void {
    this.untilUs = 0;
  }

  isValid(nowUs: number): boolean {
    return nowUs < this.untilUs;
  }

  /** Whether it is time to ask for a longer one. */
  endsSoon(nowUs: number): boolean {
    return this.untilUs - nowUs < RENEW_US;
  }
}
