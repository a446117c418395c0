import { encodeTuple, prefixEnd, type Stored } from '../../key.ts';
import type { KeyRange } from '../../tikv/request.ts';
import { keyValue } from '../sql/catalog-keys.ts';
import type { StatementContext } from './context.ts';
import { RangeBuilder } from './ranges.ts';

/**
 * Ranges of a reader that is opened for one batch of keys after the other: an index join's inner
 * side. Which keys is kept beside the plan, because a plan is shared by all who run it.
 */
export class LookUpRanges extends RangeBuilder {
  /** Which of the join's keys make the leading columns of the key that is read. */
  readonly used: readonly number[];
  private readonly batches = new WeakMap<StatementContext, readonly KeyRange[]>();

  constructor({ space, types }: RangeBuilder, used: readonly number[]) {
    super(space, types, []);
    this.used = used;
  }

  /** What the next reader of a statement is to look up: stored values of the join's keys. */
  look(ctx: StatementContext, keys: readonly (readonly Stored[])[]): void {
    const { space, used } = this;
    const starts = new Set<string>();
    for (const key of keys) {
      const values = used.map((at) => keyValue(key[at] as Stored));
      starts.add(encodeTuple(space, values));
    }
    const sorted = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    this.batches.set(
      ctx,
      sorted.map((start) => ({ space, start, end: prefixEnd(start) })),
    );
  }

  override build(ctx: StatementContext): KeyRange[] {
    return [...(this.batches.get(ctx) ?? [])];
  }
}
