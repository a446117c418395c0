/** A read whose index is known: it may be served once that index has been applied. */
export interface ReadState {
  /** The driver's name for the read. */
  readonly context: number;
  readonly index: number;
}

/** A read that asked the leader. */
interface Read {
  /** The peer that asked. */
  readonly from: number;
  readonly context: number;
}

/** Reads that share one round of heartbeats. */
interface Batch {
  readonly round: number;
  /** Commit index when the round began. */
  readonly index: number;
  readonly reads: readonly Read[];
}

/**
 * Reads that wait for a proof of leadership (thesis §6.4). All reads that arrive between two
 * Readys share a round; rounds are numbered within a term, every heartbeat carries the number of
 * the latest one, and an answer to a round also answers the rounds before it.
 */
export class ReadQueue {
  /** Number of the latest round; 0 if there was none in this term. */
  round = 0;
  private arrived: Read[] = [];
  private batches: Batch[] = [];

  /** Whether reads wait for a round to begin. */
  get isDue(): boolean {
    return this.arrived.length > 0;
  }

  get isEmpty(): boolean {
    return this.arrived.length === 0 && this.batches.length === 0;
  }

  add(from: number, context: number): void {
    this.arrived.push({ from, context });
  }

  /** Begins the next round for everything that has arrived. */
  beginRound(commit: number): void {
    this.round++;
    this.batches.push({ round: this.round, index: commit, reads: this.arrived });
    this.arrived = [];
  }

  /** The next batch whose round is confirmed, taken off the queue. */
  takeConfirmed(round: number): Batch | undefined {
    const first = this.batches[0];
    return first !== undefined && first.round <= round ? this.batches.shift() : undefined;
  }

  clear(): void {
    this.round = 0;
    if (this.arrived.length > 0) this.arrived = [];
    if (this.batches.length > 0) this.batches = [];
  }
}
