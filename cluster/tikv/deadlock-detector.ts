/** Who waits for whom, and for which key. */
export interface WaitForEdge {
  /** Start timestamps. */
  readonly waiter: number;
  readonly holder: number;
  /** Encoding of the key that the waiter wants and the holder has. */
  readonly key: string;
}

interface Held {
  readonly key: string;
  readonly expiresUs: number;
}

/**
 * The deadlock detector: wait-for edges between transactions, kept in the memory of one store (the
 * one that leads the region of key ''). An edge that would close a circle is refused and its waiter
 * told. Edges expire, because a waiter's store may die without taking them back. After the detector
 * itself is lost, deadlocks are found again once waiters register anew. Source: TiKV
 * `lock_manager::deadlock`.
 */
export class DeadlockDetector {
  /** waiter → holder → the key it waits for. */
  private readonly edges = new Map<number, Map<number, Held>>();
  private readonly lifeUs: number;

  constructor(lifeUs: number) {
    this.lifeUs = lifeUs;
  }

  /**
   * Adds an edge and answers undefined. If the holder already waits for the waiter, directly or
   * not, nothing is added, and the answer is the key for which somebody waits on the waiter: by
   * letting go of that key the waiter would break the circle.
   */
  detect({ waiter, holder, key }: WaitForEdge, nowUs: number): string | undefined {
    const closing = this.keyOnPath(holder, waiter, nowUs, new Set());
    if (closing !== undefined) return closing;
    let holders = this.edges.get(waiter);
    if (holders === undefined) {
      holders = new Map();
      this.edges.set(waiter, holders);
    }
    holders.set(holder, { key, expiresUs: nowUs + this.lifeUs });
    return undefined;
  }

  /** The waiter no longer waits for that holder. */
  remove(waiter: number, holder: number): void {
    const holders = this.edges.get(waiter);
    if (holders?.delete(holder) === true && holders.size === 0) this.edges.delete(waiter);
  }

  /** The key of the last edge on a path. */
  private keyOnPath(
    from: number,
    to: number,
    nowUs: number,
    seen: Set<number>,
  ): string | undefined {
    const holders = this.edges.get(from);
    if (holders === undefined || seen.has(from)) return undefined;
    seen.add(from);
    for (const [holder, { key, expiresUs }] of holders) {
      if (expiresUs < nowUs) holders.delete(holder);
      else if (holder === to) return key;
      else {
        const closing = this.keyOnPath(holder, to, nowUs, seen);
        if (closing !== undefined) return closing;
      }
    }
    return undefined;
  }
}
