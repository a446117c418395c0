/** Ids saved in etcd at a time (PD `allocStep`). */
const STEP = 1000;

/**
 * Ids for regions and peers. Like timestamps they come from a window that was saved before any of
 * it is used; the next window is asked for when half of this one is gone. Source: PD `server/id`.
 */
export class IdPool {
  private next = 0;
  private end = 0;
  private asking = false;
  private readonly save: (count: number, done: (first: number | undefined) => void) => void;

  /** `save` reserves so many ids for good and gives the first of them, or undefined. */
  constructor(save: (count: number, done: (first: number | undefined) => void) => void) {
    this.save = save;
    this.refill();
  }

  /** How many ids are at hand. */
  get size(): number {
    return this.end - this.next;
  }

  /** An id that was never given before. Throws if none is at hand: ask `size` first. */
  take(): number {
    if (this.next === this.end) throw new Error('the pool of ids is empty');
    const id = this.next++;
    if (this.size * 2 < STEP) this.refill();
    return id;
  }

  private refill(): void {
    if (this.asking) return;
    this.asking = true;
    this.save(STEP, (first) => {
      this.asking = false;
      if (first === undefined) return;
      this.next = first;
      this.end = first + STEP;
    });
  }
}
