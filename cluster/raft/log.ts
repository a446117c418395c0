import type { Entry } from './entry.ts';
import { RaftInvariantError } from './errors.ts';

/**
 * A log whose beginning may have been cut off: entries `truncatedIndex + 1 … lastIndex`. A peer
 * keeps one in memory; its driver may keep another one as what is on disk.
 *
 * ```
 *   ░░░░░░░░│ 6 │ 7 │ 8 │ 9 │
 *           ▲               ▲
 *   truncatedIndex = 5   lastIndex = 9
 * ```
 */
export class RaftLog<P> {
  private kept: Entry<P>[];
  private truncated: number;
  private termBefore: number;

  /** Entries must follow one another from `truncatedIndex + 1` on. */
  constructor(truncatedIndex = 0, truncatedTerm = 0, entries: readonly Entry<P>[] = []) {
    this.truncated = truncatedIndex;
    this.termBefore = truncatedTerm;
    this.kept = [];
    for (const entry of entries) this.push(entry);
  }

  /** Index of the last entry that was cut off; 0 if none was. */
  get truncatedIndex(): number {
    return this.truncated;
  }

  /** Its term, which is still needed to match the entry behind it. */
  get truncatedTerm(): number {
    return this.termBefore;
  }

  get lastIndex(): number {
    return this.truncated + this.kept.length;
  }

  get lastTerm(): number {
    const { kept } = this;
    return kept.length === 0 ? this.termBefore : (kept[kept.length - 1] as Entry<P>).term;
  }

  /** What was not cut off. */
  get entries(): readonly Entry<P>[] {
    return this.kept;
  }

  /** The entry at an index; undefined if it was cut off or is not there yet. */
  at(index: number): Entry<P> | undefined {
    return this.kept[index - this.truncated - 1];
  }

  /** The term at an index; undefined if it was cut off or is not there yet. */
  term(index: number): number | undefined {
    if (index === this.truncated) return this.termBefore;
    return this.kept[index - this.truncated - 1]?.term;
  }

  /** Appends the next entry. Throws on a gap: whoever appends has compared the index before. */
  push(entry: Entry<P>): void {
    if (entry.index !== this.lastIndex + 1) {
      throw new RaftInvariantError(`entry ${entry.index} cannot follow entry ${this.lastIndex}`);
    }
    this.kept.push(entry);
  }

  /** Writes entries over whatever stands from the first one's index on. */
  append(entries: readonly Entry<P>[]): void {
    const first = entries[0];
    if (first === undefined) return;
    this.truncateFrom(first.index);
    for (const entry of entries) this.push(entry);
  }

  /** Drops the entry at `index` and all behind it. */
  truncateFrom(index: number): void {
    if (index <= this.truncated) throw new RaftInvariantError(`entry ${index} was compacted`);
    if (index <= this.lastIndex) this.kept.length = index - this.truncated - 1;
  }

  /** Drops all entries up to and including `index`, which must be there. */
  compact(index: number): void {
    if (index <= this.truncated) return;
    const term = this.term(index);
    if (term === undefined)
      throw new RaftInvariantError(`entry ${index} is not there to compact to`);
    this.kept.splice(0, index - this.truncated);
    this.truncated = index;
    this.termBefore = term;
  }

  /** Forgets everything; a snapshot stands for the log up to `index`. */
  reset(index: number, term: number): void {
    this.kept = [];
    this.truncated = index;
    this.termBefore = term;
  }

  /**
   * Entries from `from` up to `to` (inclusive), as many as weigh no more than `maxBytes`, but at
   * least one. Both ends must lie in the log.
   */
  slice(from: number, to: number, maxBytes: number): readonly Entry<P>[] {
    const { kept } = this;
    const start = from - this.truncated - 1;
    const end = to - this.truncated;
    let bytes = 0;
    for (let i = start; i < end; i++) {
      bytes += (kept[i] as Entry<P>).bytes;
      if (bytes > maxBytes && i > start) return kept.slice(start, i);
    }
    return kept.slice(start, end);
  }

  /** Whether the entry at `index` is there and of that term (the matching property, §5.3). */
  matches(index: number, term: number): boolean {
    return this.term(index) === term;
  }

  /** Whether a log that ends so is at least as complete as this one (§5.4.1). */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex);
  }

  /**
   * The last index up to `index` whose term is at most `term`: everything behind it disagrees for
   * sure with a log that has `term` at `index`. This is how an append skips a whole term of
   * conflicts in one round (§5.3, last paragraph).
   */
  lastIndexWithin(index: number, term: number): number {
    let at = Math.min(index, this.lastIndex);
    while (at > this.truncated && (this.term(at) as number) > term) at--;
    return at;
  }
}
