const MOST = 10;
const LEAST = 1;

/**
 * How often a balancer tries a store: a store that gave nothing is tried half as often the next
 * time, down to once, and as often as ever when it gave something. Source: PD `retryQuota`.
 */
export class RetryQuota {
  private readonly limits = new Map<number, number>();

  /** Tries that a store has now. */
  of(store: number): number {
    return this.limits.get(store) ?? MOST;
  }

  /** The store gave something. */
  reset(store: number): void {
    this.limits.delete(store);
  }

  /** The store gave nothing in all its tries. */
  attenuate(store: number): void {
    this.limits.set(store, Math.max(LEAST, Math.floor(this.of(store) / 2)));
  }
}
