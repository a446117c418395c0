/**
 * How the leader replicates to a peer (etcd's `tracker.Progress`).
 *
 * ```
 *              accepted                        log too short: snapshot wanted
 *   ┌───────┐ ─────────▶ ┌───────────┐      ┌──────────┐
 *   │ probe │            │ replicate │ ───▶ │ snapshot │
 *   └───────┘ ◀───────── └───────────┘      └──────────┘
 *       ▲     refused, unreachable               │
 *       └────────────────────────────────────────┘ reported, or caught up
 * ```
 *
 * - *probe*: the place where the logs agree is unknown; one append at a time, until it is answered;
 * - *replicate*: appends follow one another without waiting, up to a window;
 * - *snapshot*: nothing is sent, since the entries wanted are no longer in the leader's log.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot';

/** What the leader knows of one member, itself included. */
export class Progress {
  readonly id: number;
  /** Has a vote in the incoming half. */
  voter = false;
  /** Has a vote in the outgoing half of a joint configuration. */
  outgoing = false;
  state: ProgressState = 'probe';
  /** Last index known to be on its disk and to agree. */
  match = 0;
  /** Next index to send. */
  next: number;
  /** Commit index it last spoke of. */
  commit = 0;
  /** Commit index it was last told of. */
  sentCommit = 0;
  /** Whether it was heard of since the leader last looked for its quorum. */
  recentActive = true;
  /** Index of the snapshot under way; 0 while it is being made, or if there is none. */
  pendingSnapshot = 0;
  /** Latest round of heartbeats it answered. */
  ackedRound = 0;
  /** A probe that waits for its answer. */
  paused = false;
  /** It is owed an append, even an empty one; at first to find out what it has. */
  due = true;
  /** Last index of each append under way, oldest first. */
  private readonly inflight: number[] = [];

  constructor(id: number, next: number) {
    this.id = id;
    this.next = next;
  }

  /** Number of appends under way. */
  get inflightCount(): number {
    return this.inflight.length;
  }

  /** Whether nothing may be sent now. */
  isPaused(maxInflight: number): boolean {
    if (this.state === 'probe') return this.paused;
    return this.state === 'snapshot' || this.inflight.length >= maxInflight;
  }

  /** An append up to `last` goes out. */
  sent(last: number): void {
    if (this.state === 'replicate') {
      if (last >= this.next) this.inflight.push(last);
      this.next = last + 1;
    } else this.paused = true;
  }

  /** Makes room for one more append in a full window: the answer to the oldest may be lost. */
  freeOldest(): void {
    this.inflight.shift();
  }

  /** It holds everything up to `index`; whether that is news. */
  accepted(index: number): boolean {
    this.paused = false;
    while (this.inflight.length > 0 && (this.inflight[0] as number) <= index) this.inflight.shift();
    if (this.next <= index) this.next = index + 1;
    if (index <= this.match) return false;
    this.match = index;
    return true;
  }

  /**
   * It refused an append behind `rejected`, and may agree up to `hint`. Whether that is news: an
   * answer to an append that was sent before better was known is not.
   */
  refused(rejected: number, hint: number): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false;
      this.becomeProbe();
      return true;
    }
    if (this.state === 'snapshot' || this.next - 1 !== rejected) return false;
    this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
    this.paused = false;
    return true;
  }

  /** Start over from what is certain. */
  becomeProbe(): void {
    this.next = Math.max(this.match, this.pendingSnapshot) + 1;
    this.enter('probe');
  }

  becomeReplicate(): void {
    this.next = this.match + 1;
    this.enter('replicate');
  }

  becomeSnapshot(): void {
    this.enter('snapshot');
  }

  private enter(state: ProgressState): void {
    this.state = state;
    this.paused = false;
    this.pendingSnapshot = 0;
    this.inflight.length = 0;
  }
}
