import type { Rng } from '../sim/index.ts';

/** A set of region ids that one can be drawn from at random; everything takes constant time. */
export class RegionSet {
  private readonly ids: number[] = [];
  private readonly positions = new Map<number, number>();

  get size(): number {
    return this.ids.length;
  }

  /** Takes an id in; nothing happens if it is there. */
  add(id: number): void {
    if (this.positions.has(id)) return;
    this.positions.set(id, this.ids.length);
    this.ids.push(id);
  }

  /** Removes an id; the last one takes its place. */
  delete(id: number): void {
    const at = this.positions.get(id);
    if (at === undefined) return;
    this.positions.delete(id);
    const last = this.ids.pop() as number;
    if (last === id) return;
    this.ids[at] = last;
    this.positions.set(last, at);
  }

  /** One of the ids, each with the same chance; undefined if there is none. */
  pick(rng: Rng): number | undefined {
    return this.ids.length === 0 ? undefined : this.ids[rng.nextInt(this.ids.length)];
  }
}
