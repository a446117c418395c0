import type { Dictionary } from '../../dictionary.ts';
import type { KeySpace } from '../../key.ts';
import type { LeafRows } from './leaf-rows.ts';

/**
 * Of so many leaves it is remembered what became of their rows. Rows lead to all that was made of
 * them: were they kept for ever, by a store that has not followed yet, so would be every state
 * that a leaf ever had. A store that has fallen further behind goes on with copies of its own.
 */
const REMEMBERED = 256;

/** What the trees of one cluster's stores begin with, and what they lately did. */
class Kinship {
  private readonly beginnings = new Map<number, LeafRows>();
  private readonly remembered: LeafRows[] = [];
  private next = 0;

  /** The rows with which every store's tree of a space begins: none, when the first asks. */
  beginning({ id }: KeySpace, none: () => LeafRows): LeafRows {
    const known = this.beginnings.get(id) ?? none();
    this.beginnings.set(id, known);
    return known;
  }

  /** Rows came apart, or lost some. */
  remember(rows: LeafRows): void {
    const oldest = this.remembered[this.next];
    if (oldest !== undefined) this.forget(oldest);
    this.remembered[this.next] = rows;
    this.next = (this.next + 1) % REMEMBERED;
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
