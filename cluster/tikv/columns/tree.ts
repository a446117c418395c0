import type { Dictionary } from '../../dictionary.ts';
import type { Bound, Key, KeySpace, Stored } from '../../key.ts';
import type { WriteCursor } from '../../mvcc/engine.ts';
import type { WriteRecord, WriteType } from '../../mvcc/records.ts';
import { kinshipOf } from './kinship.ts';
import { Leaf } from './leaf.ts';
import { LeafRows } from './leaf-rows.ts';

import { leadOf, soughtOf } from './sought.ts';

/**
 * All write records of one key space on one store: leaves in key order. The directory is searched
 * by the first value of the key, as a number (`leads`), and by encodings (one string a leaf) only
 * where that does not decide; a leaf compares typed values. The second value decides among keys
 * that begin with NULL: an index on a column that nobody fills has no others.
 */
export class Tree {
  readonly space: KeySpace;
  readonly leaves: Leaf[];
  private readonly dictionary: Dictionary;
  /** The first two key values of each leaf as numbers that sort like them. */
  private leads = [Number.NEGATIVE_INFINITY];
  private seconds = [Number.NEGATIVE_INFINITY];
  private leadsVersion = 0;

  constructor(space: KeySpace, dictionary: Dictionary) {
    this.space = space;
    this.dictionary = dictionary;
    this.leaves = [this.emptyLeaf()];
  }

  /** Index of the leaf in which `bound` lies or would lie. */
  leafIndex(bound: Bound): number {
    const { leaves } = this;
    // The bound's string may be new and its label move all others, so it is asked for first.
    const sought = soughtOf(bound, this.dictionary);
    const beyond = bound.after ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    const lead = leadOf(sought, 0) ?? beyond;
    const second = leadOf(sought, 1) ?? beyond;
    if (this.leadsVersion !== this.dictionary.order.version) this.renewLeads();
    const { leads, seconds } = this;
    let low = 0;
    let high = leaves.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      let other = leads[middle] as number;
      let own = lead;
      if (other === own && own === Number.NEGATIVE_INFINITY) {
        other = seconds[middle] as number;
        own = second;
      }
      const before =
        other === own ? (leaves[middle] as Leaf).firstKey <= bound.encoded : other < own;
      if (before) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Adds a write record, or replaces the one of the same key and timestamp. */
  put(key: Key, write: WriteRecord, value: readonly Stored[] | null): void {
    const index = this.leafIndex(key);
    const leaf = this.leaves[index] as Leaf;
    if (leaf.follow(key, write, value)) return;
    const chain = leaf.lowerBound(key);
    if (leaf.full && this.makeRoom(index, chain, key)) {
      this.put(key, write, value);
      return;
    }
    leaf.insert(chain, key, write, value);
  }

  /** Removes a write record if it is there. */
  delete(key: Key, commitTs: number): void {
    const leaf = this.leaves[this.leafIndex(key)] as Leaf;
    const chain = leaf.lowerBound(key);
    if (!leaf.hasKey(chain, key)) return;
    for (let at = chain; at === chain || leaf.continues(at); at++) {
      if (leaf.commitTs(at) === commitTs) {
        leaf.remove(at);
        return;
      }
    }
  }

  /** Garbage collection of `[start, end)`; see {@link Leaf.gc}. */
  gc(start: Bound, end: Bound, safePoint: number): number {
    const [from, to] = this.leavesOf(start, end);
    let dropped = 0;
    for (let i = from; i < to; i++) {
      dropped += (this.leaves[i] as Leaf).gc(safePoint);
    }
    return dropped;
  }

  /** The leaves of `[start, end)` as they are now; their rows are shared. */
  share(start: Bound, end: Bound): readonly Leaf[] {
    const [from, to] = this.leavesOf(start, end);
    return this.leaves.slice(from, to).map((leaf) => leaf.share());
  }

  /** Puts leaves in the place of everything in `[start, end)`; their rows are shared. */
  replace(start: Bound, end: Bound, leaves: readonly Leaf[]): void {
    const [from, to] = this.leavesOf(start, end);
    this.leaves.splice(from, to - from, ...leaves.map((leaf) => leaf.share()));
    if (this.leaves[0]?.firstKey !== '') this.leaves.unshift(this.emptyLeaf());
    this.renewLeads();
  }

  /** Makes leaves begin exactly at both bounds; the indices of the leaves in between. */
  private leavesOf(start: Bound, end: Bound): [from: number, to: number] {
    const from = this.cutAt(start);
    return [from, Math.max(from, this.cutAt(end))];
  }

  private cutAt(bound: Bound): number {
    if (bound.after) return this.leaves.length;
    if (bound.values.length === 0) return 0;
    const index = this.leafIndex(bound);
    const leaf = this.leaves[index] as Leaf;
    if (leaf.firstKey === bound.encoded) return index;
    this.leaves.splice(index + 1, 0, leaf.cut(bound));
    this.renewLeads();
    return index + 1;
  }

  private emptyLeaf(): Leaf {
    const { space, dictionary } = this;
    const none = (): LeafRows => new LeafRows(space, dictionary);
    return new Leaf('', [], kinshipOf(dictionary).beginning(space, none), 0);
  }

  /** Records in `[start, end)`, older versions included. */
  countRecords(start: Bound, end: Bound): number {
    let count = 0;
    this.eachLeaf(start, end, (_leaf, from, to) => {
      count += to - from;
    });
    return count;
  }

  /**
   * Calls `visit` with each leaf that overlaps `[start, end)` and the positions that do, ascending,
   * until it answers false.
   */
  eachLeaf(
    start: Bound,
    end: Bound,
    visit: (leaf: Leaf, from: number, to: number) => unknown,
  ): void {
    const leaves = this.leaves;
    for (let i = this.leafIndex(start); i < leaves.length; i++) {
      const leaf = leaves[i] as Leaf;
      if (i > 0 && leaf.firstKey >= end.encoded) return;
      const from = leaf.firstKey >= start.encoded && i > 0 ? 0 : leaf.lowerBound(start);
      const next = leaves[i + 1];
      const whole = next !== undefined && next.firstKey <= end.encoded;
      const to = whole ? leaf.rows : leaf.lowerBound(end);
      if (to > from && visit(leaf, from, to) === false) return;
    }
  }

  /** Makes room in a full leaf. An append at the very end begins a new leaf instead of halving. */
  private makeRoom(index: number, chain: number, key: Key): boolean {
    const leaf = this.leaves[index] as Leaf;
    const appends = index === this.leaves.length - 1 && chain === leaf.rows;
    const right = appends ? leaf.next(key) : leaf.split();
    if (right !== undefined) this.enter(index + 1, right);
    return right !== undefined;
  }

  private enter(index: number, leaf: Leaf): void {
    const [first, second] = leaf.firstValues;
    this.leaves.splice(index, 0, leaf);
    this.leads.splice(index, 0, this.numberOf(first));
    this.seconds.splice(index, 0, this.numberOf(second));
  }

  private numberOf(value: Stored | undefined): number {
    if (value === null || value === undefined) return Number.NEGATIVE_INFINITY;
    if (typeof value !== 'string') return Number(value);
    return this.dictionary.order.label(this.dictionary.code(value));
  }

  private renewLeads(): void {
    this.leadsVersion = this.dictionary.order.version;
    this.leads = this.leaves.map(({ firstValues }) => this.numberOf(firstValues[0]));
    this.seconds = this.leaves.map(({ firstValues }) => this.numberOf(firstValues[1]));
  }
}

/** The reusable cursor over the records of one key; see `mvcc/engine.ts`. */
export class TreeCursor implements WriteCursor {
  valid = false;
  type: WriteType = 0;
  startTs = 0;
  commitTs = 0;
  overlappedRollback = false;
  protectedRollback = false;
  private leaf: Leaf | undefined = undefined;
  private position = 0;

  /** Stands on the newest record of `key` at or before `maxTs`. */
  seek(tree: Tree | undefined, key: Key, maxTs: number): void {
    this.valid = false;
    if (tree === undefined) return;
    const leaf = tree.leaves[tree.leafIndex(key)] as Leaf;
    let position = leaf.lowerBound(key);
    if (!leaf.hasKey(position, key)) return;
    this.leaf = leaf;
    while (leaf.commitTs(position) > maxTs) {
      position++;
      if (!leaf.continues(position)) return;
    }
    this.stand(leaf, position);
  }

  next(): void {
    const leaf = this.leaf as Leaf;
    if (leaf.continues(this.position + 1)) this.stand(leaf, this.position + 1);
    else this.valid = false;
  }

  value(): readonly Stored[] {
    return (this.leaf as Leaf).valuesAt(this.position);
  }

  private stand(leaf: Leaf, position: number): void {
    this.valid = true;
    this.position = position;
    this.type = leaf.type(position);
    this.startTs = leaf.startTs(position);
    this.commitTs = leaf.commitTs(position);
    this.overlappedRollback = leaf.overlapped(position);
    this.protectedRollback = leaf.protected(position);
  }
}
