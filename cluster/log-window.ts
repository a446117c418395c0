/** So many entries a region remembers at most: a peer that lags further is not compared. */
const MOST = 4096;
/** And so many at first: most regions never see more, and there may be thousands. */
const FIRST = 64;

/** What is remembered of the latest entries of one log, by index. */
export class LogWindow {
  private capacity = FIRST;
  private indices = new Float64Array(FIRST);
  private terms = new Float64Array(FIRST);
  /** When a leader applied an entry first, in the slots of `ledIndices`. */
  private ledIndices = new Float64Array(FIRST);
  private ledUs = new Float64Array(FIRST);

  /** The term of the entry at an index as it was applied first; undefined if that is forgotten. */
  termAt(index: number): number | undefined {
    const slot = index % this.capacity;
    return this.indices[slot] === index ? this.terms[slot] : undefined;
  }

  /** An entry was applied. */
  applied(index: number, term: number): void {
    while (this.isInTheWay(this.indices, index)) this.grow();
    const slot = index % this.capacity;
    if ((this.indices[slot] as number) >= index) return;
    this.indices[slot] = index;
    this.terms[slot] = term;
  }

  /** When a leader applied an entry first, µs; undefined if none has, or that is forgotten. */
  ledAt(index: number): number | undefined {
    const slot = index % this.capacity;
    return this.ledIndices[slot] === index ? this.ledUs[slot] : undefined;
  }

  /** A leader applied an entry. False: one has done so before, as far as is known. */
  led(index: number, nowUs: number): boolean {
    while (this.isInTheWay(this.ledIndices, index)) this.grow();
    const slot = index % this.capacity;
    if ((this.ledIndices[slot] as number) >= index) return false;
    this.ledIndices[slot] = index;
    this.ledUs[slot] = nowUs;
    return true;
  }

  /** Whether another entry stands in the slot of an index, though there could be room for both. */
  private isInTheWay(indices: Float64Array, index: number): boolean {
    const other = indices[index % this.capacity] as number;
    return other !== 0 && other !== index && this.capacity < MOST;
  }

  private grow(): void {
    const { indices, terms, ledIndices, ledUs } = this;
    this.capacity *= 2;
    this.indices = new Float64Array(this.capacity);
    this.terms = new Float64Array(this.capacity);
    this.ledIndices = new Float64Array(this.capacity);
    this.ledUs = new Float64Array(this.capacity);
    for (let old = 0; old < indices.length; old++) {
      const index = indices[old] as number;
      if (index > 0) this.applied(index, terms[old] as number);
      const ledIndex = ledIndices[old] as number;
      if (ledIndex > 0) this.led(ledIndex, ledUs[old] as number);
    }
  }
}
