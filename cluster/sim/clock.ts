/**
 * Wall clocks. A node's wall clock is virtual time plus its skew; the monotonic clock (Linux's
 * CLOCK_MONOTONIC_RAW) is virtual time itself, which skews do not touch.
 */
export class Clocks {
  private readonly skews = new Map<number, number>();

  /** µs by which `node`'s wall clock is ahead. */
  skewUs(node: number): number {
    return this.skews.get(node) ?? 0;
  }

  /** Sets the skew; 0 restores the clock. */
  setSkew(node: number, us: number): void {
    if (us === 0) this.skews.delete(node);
    else this.skews.set(node, us);
  }
}
