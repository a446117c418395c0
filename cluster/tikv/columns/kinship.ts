import type { Dictionary } from '../../dictionary.ts';
import type { KeySpace } from '../../key.ts';
import type { LeafRows } from './leaf-rows.ts';

/**
 * Of so many rows, the latest that came apart or lost garbage, it is remembered what became of
 * them: enough for a region's garbage collection to reach all its replicas. Rows lead to all that
 * was made of them: were they remembered for as long as some store has not followed, so would be
 * every state that a leaf ever had. A store that falls further behind goes on with its own copies.
 */
const REMEMBERED_ROWS = 1 << 18;

/** Passed entries of the queue are let go in lots. */
const LOT = 1024;

interface Remembered {
  readonly rows: LeafRows;
  /** How many they were then. */
  readonly count: number;
}

/** What the trees of one cluster's stores begin with, and what they lately did. */
class Kinship {
  private readonly beginnings = new Map<number, LeafRows>();
  /** Oldest first, from `passed` on. */
  private remembered: Remembered[] = [];
  private passed = 0;
  private total = 0;

  /** The rows with which every store's tree of a space begins: none, when the first asks. */
  beginning({ id }: KeySpace, none: () => LeafRows): LeafRows {
    const known = this.beginnings.get(id) ?? none();
    this.beginnings.set(id, known);
    return known;
  }

  /** Rows came apart, or lost some. */
  remember(rows: LeafRows): void {
    this.remembered.push({ rows, count: rows.rows });
    this.total += rows.rows;
    while (this.total > REMEMBERED_ROWS && this.passed < this.remembered.length - 1) {
      const oldest = this.remembered[this.passed++] as Remembered;
      this.total -= oldest.count;
      this.forget(oldest.rows);
    }
    if (this.passed < LOT) return;
    this.remembered = this.remembered.slice(this.passed);
    this.passed = 0;
  }

  private forget(rows: LeafRows): void {
    rows.forget();
    const { id } = rows.space;
    if (this.beginnings.get(id) === rows) this.beginnings.delete(id);
  }
}

const kinships = new WeakMap<Dictionary, Kinship>();

/** A cluster has one dictionary, and so the stores that have the same are kin. */
export function kinshipOf(dictionary: Dictionary): Kinship {
  const known = kinships.get(dictionary);
  if (known !== undefined) return known;
  const made = new Kinship();
  kinships.set(dictionary, made);
  return made;
}
