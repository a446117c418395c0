/**
 * What of a log is on disk, while the disk works behind the machine's back. A Ready hands out
 * entries; the driver writes them, and says when that Ready is on disk. Meanwhile the log may have
 * been cut and written anew:
 *
 * ```
 *   Ready 1: entry 5 of term 2    being written
 *   the entry is replaced by one of term 3, Ready 2 hands that out
 *   Ready 1 is on disk            does not count for index 5: what is there will be overwritten
 * ```
 *
 * So every cut lowers what the Readys under way can prove. The disk works in order: a Ready is on
 * disk only if all before it are.
 */
export class Persistence {
  /** Last index handed out for writing. */
  handed: number;
  /** Last index known to be on disk and still in the log. */
  persisted: number;
  private readonly underWay: { readonly number: number; last: number; readonly term: number }[] =
    [];

  constructor(lastIndex: number) {
    this.handed = lastIndex;
    this.persisted = lastIndex;
  }

  /** Whether something handed out is not known to be on disk. */
  get isBehind(): boolean {
    return this.underWay.length > 0;
  }

  /** Ready `number` hands out the log up to `last`, and the hard state of `term`. */
  hand(number: number, last: number, term: number): void {
    this.handed = last;
    this.underWay.push({ number, last, term });
  }

  /** Entries from `index` on are no longer in the log. */
  truncatedFrom(index: number): void {
    const last = index - 1;
    if (this.handed > last) this.handed = last;
    if (this.persisted > last) this.persisted = last;
    for (const write of this.underWay) if (write.last > last) write.last = last;
  }

  /** A snapshot up to `index` takes the log's place; it agrees with the log up to `agreed`. */
  replacedBy(index: number, agreed: number): void {
    this.truncatedFrom(agreed + 1);
    this.handed = index;
  }

  /** Ready `number` is on disk. The term it brought there, or 0 if it had been told already. */
  done(number: number): number {
    const { underWay } = this;
    let term = 0;
    while (underWay.length > 0) {
      const write = underWay[0] as (typeof underWay)[number];
      if (write.number > number) break;
      underWay.shift();
      term = write.term;
      if (write.last > this.persisted) this.persisted = write.last;
    }
    return term;
  }
}
