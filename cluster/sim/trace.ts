/**
 * The trace: a rolling 64-bit hash over every event (time, sequence, kind, node, payload digest),
 * with a checkpoint every 4,096 events. Two runs are the same run iff their hashes agree; if not,
 * the first differing checkpoint bounds where they parted.
 */

/** Events between two checkpoints. */
export const CHECKPOINT_EVENTS = 4096;

/** The hash after `events` events, at virtual time `timeUs`. */
export interface Checkpoint {
  readonly events: number;
  readonly timeUs: number;
  readonly hash: string;
}

/** One event, as {@link Trace.watch} shows it. */
export interface TracedEvent {
  readonly index: number;
  readonly timeUs: number;
  readonly kind: number;
  readonly node: number;
  readonly digest: number;
}

/** The rolling hash of one run. */
export class Trace {
  events = 0;
  readonly checkpoints: Checkpoint[] = [];
  private high = 0x6a09e667;
  private low = 0xbb67ae85 | 0;
  private watchFrom = Number.POSITIVE_INFINITY;
  private watchTo = 0;
  private watcher: ((event: TracedEvent) => void) | undefined = undefined;

  /** Folds one event in. */
  add(timeUs: number, kind: number, node: number, digest: number): void {
    const timeLow = timeUs | 0;
    const timeHigh = (timeUs / 4294967296) | 0;
    let h = this.high ^ timeLow;
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ digest;
    h = Math.imul(h ^ (h >>> 13), 0x297a2d39) + timeHigh;
    let l = this.low + (((kind << 16) ^ node) | 0);
    l = Math.imul(l ^ (l >>> 16), 0x7feb352d) ^ h;
    l = Math.imul(l ^ (l >>> 15), 0x846ca68b);
    this.high = (h ^ l) | 0;
    this.low = (l + 0x9e3779b9) | 0;
    const index = this.events++;
    if (index >= this.watchFrom && index < this.watchTo) {
      this.watcher?.({ index, timeUs, kind, node, digest });
    }
    if (this.events % CHECKPOINT_EVENTS === 0) this.checkpoint(timeUs);
  }

  /**
   * Shows every event with index in `[from, to)` to `watcher`: how `replay` names the first
   * difference.
   */
  watch(from: number, to: number, watcher: (event: TracedEvent) => void): void {
    this.watchFrom = from;
    this.watchTo = to;
    this.watcher = watcher;
  }

  /** 16 hexadecimal digits. */
  hash(): string {
    return hex(this.high) + hex(this.low);
  }

  private checkpoint(timeUs: number): void {
    this.checkpoints.push({ events: this.events, timeUs, hash: this.hash() });
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
