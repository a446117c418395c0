/**
 * The deadlock detector: wait-for edges between transactions, kept in the memory of one store (the
 * one that leads the region of key ''). An edge that would close a circle is refused and its waiter
 * told. Edges expire, because a waiter's store may die without taking them back. After the detector
 * itself is lost, deadlocks are found again once waiters register anew. Source: TiKV
 * `lock_manager::deadlock`.
 */
export class DeadlockDetector {
  /** waiter → holder → time at which the edge expires, µs. */
  private readonly edges = new Map<number, Map<number, number>>();
  private readonly lifeUs: number;

  constructor(lifeUs: number) {
    this.lifeUs = lifeUs;
  }

  /** Adds waiter → holder, or returns true, adding nothing, if holder already waits for waiter. */
  detect(waiter: number, holder: number, nowUs: number): boolean {
    if (this.reaches(holder, waiter, nowUs, new Set())) return true;
    let holders = this.edges.get(waiter);
    if (holders === undefined) {
      holders = new Map();
      this.edges.set(waiter, holders);
    }
    holders.set(holder, nowUs + this.lifeUs);
    return false;
  }

  /** The waiter no longer waits for that holder. */
  remove(waiter: number, holder: number): void {
    const holders = this.edges.get(waiter);
    if (holders?.delete(holder) === true && holders.size === 0) this.edges.delete(waiter);
  }

  private reaches(from: number, to: number, nowUs: number, seen: Set<number>): boolean {
    const holders = this.edges.get(from);
    if (holders === undefined || seen.has(from)) return false;
    seen.add(from);
    for (const [holder, expiresUs] of holders) {
      if (expiresUs < nowUs) holders.delete(holder);
      else if (holder === to || this.reaches(holder, to, nowUs, seen)) return true;
    }
    return false;
  }
}
