const MINUTE_US = 60_000_000;

/** What one large region costs; see {@link StoreLimit}. */
const LARGE_COST = MINUTE_US;
/** What a small one costs: a fifth. */
const SMALL_COST = MINUTE_US / 5;

/**
 * How fast peers may be added to a store, or removed from it: a token bucket that holds one large
 * region (or one second's worth, if that is more). To stay with integers, a region costs as many
 * units as a minute has microseconds, and each microsecond brings as many units as regions are
 * allowed per minute. Source: PD `storelimit.StoreLimit`.
 */
export class StoreLimit {
  private readonly perMinute: number;
  private readonly capacity: number;
  private credit: number;
  private filledUs = 0;

  constructor(perMinute: number) {
    this.perMinute = perMinute;
    this.capacity = Math.max(LARGE_COST, perMinute * 1_000_000);
    this.credit = this.capacity;
  }

  /** Whether `cost` may be spent now; by default that of a large region. */
  isAvailable(nowUs: number, cost = LARGE_COST): boolean {
    this.fill(nowUs);
    return this.credit >= cost;
  }

  /** Spends `cost`; nothing is spent if there is not enough. */
  take(nowUs: number, cost: number): void {
    if (this.isAvailable(nowUs, cost)) this.credit -= cost;
  }

  private fill(nowUs: number): void {
    const earned = (nowUs - this.filledUs) * this.perMinute;
    this.credit = Math.min(this.capacity, this.credit + earned);
    this.filledUs = nowUs;
  }
}

/** What moving a region of this size costs: much, little or nothing. */
export function stepCost(
  bytes: number,
  { smallRegionBytes, emptyRegionBytes }: { smallRegionBytes: number; emptyRegionBytes: number },
): number {
  if (bytes > smallRegionBytes) return LARGE_COST;
  return bytes > emptyRegionBytes ? SMALL_COST : 0;
}
