import type { Entry, RaftMessage } from '../cluster/raft/index.ts';
import type { RaftHost } from './raft-host.ts';

/**
 * Watches a group for what Raft promises (figure 3 of the paper): election safety, log matching,
 * leader completeness, state machine safety; and linearizable reads. It knows everything, at once.
 */
export class RaftSafety {
  /** What was broken, each once. */
  readonly violations: string[] = [];
  private readonly leaders = new Map<number, number>();
  private readonly votes = new Map<string, number>();
  /** For each place in some log (index and term), what is there and the term before it. */
  private readonly contents = new Map<string, string>();
  /** Entries that were looked at already, with the term before them. */
  private readonly looked = new Map<Entry<string>, number>();
  private readonly committed = new Map<number, Entry<string>>();
  private readonly appliedAt = new Map<number, string>();
  private readonly seenCommit = new Map<object, number>();
  private readonly seenLeading = new Map<object, number>();
  private readonly lowerBounds = new Map<number, number>();
  private highest = 0;

  /** Looks at all peers after something has happened. */
  check(hosts: Iterable<RaftHost>): void {
    for (const { raft } of hosts) {
      if (raft === undefined) continue;
      this.checkLog(raft.id, raft.log.truncatedTerm, raft.log.entries);
      this.noteCommit(raft);
    }
    for (const { raft } of hosts) if (raft?.role === 'leader') this.checkLeader(raft);
  }

  /** A message is sent; a peer gives one vote per term. */
  sent({ kind, from, to, term, reject }: RaftMessage<string>): void {
    if (kind !== 'vote-response' || reject) return;
    const ballot = `${from} in term ${term}`;
    const before = this.votes.get(ballot);
    if (before === undefined) this.votes.set(ballot, to);
    else if (before !== to) this.report(`one vote: ${ballot} votes for ${before} and ${to}`);
  }

  /** A peer has applied an entry; all peers must apply the same at the same place. */
  applied(peer: number, entry: Entry<string>): void {
    const { index } = entry;
    const text = contentOf(entry);
    const before = this.appliedAt.get(index);
    if (before === undefined) this.appliedAt.set(index, text);
    else if (before !== text) {
      this.report(
        `state machine safety: ${peer} applies ${text} at ${index}, before it was ${before}`,
      );
    }
  }

  /** Somebody wants to read what is committed now. */
  readAsked(context: number): void {
    this.lowerBounds.set(context, this.highest);
  }

  /** He was told to read at `index`. */
  readServed(context: number, index: number): void {
    const bound = this.lowerBounds.get(context) ?? 0;
    if (index < bound)
      this.report(`stale read: ${context} reads at ${index}, ${bound} was committed`);
  }

  /** Something else that must not be. */
  report(violation: string): void {
    if (!this.violations.includes(violation)) this.violations.push(violation);
  }

  private checkLog(peer: number, termBefore: number, entries: readonly Entry<string>[]): void {
    let before = termBefore;
    for (const entry of entries) {
      if (this.looked.get(entry) !== before) this.checkEntry(peer, before, entry);
      before = entry.term;
    }
  }

  private checkEntry(peer: number, before: number, entry: Entry<string>): void {
    this.looked.set(entry, before);
    const place = `${entry.index}@${entry.term}`;
    const content = `${contentOf(entry)} after term ${before}`;
    const known = this.contents.get(place);
    if (known === undefined) this.contents.set(place, content);
    else if (known !== content) {
      this.report(`log matching: ${peer} holds ${content} at ${place}, before it was ${known}`);
    }
  }

  private noteCommit(raft: NonNullable<RaftHost['raft']>): void {
    const seen = this.seenCommit.get(raft) ?? 0;
    if (raft.commit < seen) this.report(`${raft.id} forgets that ${seen} is committed`);
    this.seenCommit.set(raft, raft.commit);
    for (let index = seen + 1; index <= raft.commit; index++) {
      const entry = raft.log.at(index);
      if (entry === undefined) continue;
      const known = this.committed.get(index);
      if (known === undefined) this.committed.set(index, entry);
      else if (known.term !== entry.term) {
        this.report(
          `leader completeness: ${index} is committed as ${known.term} and ${entry.term}`,
        );
      }
    }
    if (raft.commit > this.highest) this.highest = raft.commit;
  }

  private checkLeader(raft: NonNullable<RaftHost['raft']>): void {
    const { id, term, log } = raft;
    const leader = this.leaders.get(term);
    if (leader === undefined) this.leaders.set(term, id);
    else if (leader !== id)
      this.report(`election safety: ${leader} and ${id} lead in term ${term}`);
    if (this.seenLeading.get(raft) === term) return;
    this.seenLeading.set(raft, term);
    for (const [index, entry] of this.committed) {
      if (index <= log.truncatedIndex || entry.term > term || log.term(index) === entry.term)
        continue;
      this.report(
        `leader completeness: ${id} leads in term ${term} without ${index}@${entry.term}`,
      );
    }
  }
}

function contentOf({ term, payload, change }: Entry<string>): string {
  return `${payload ?? change?.kind ?? 'nothing'}@${term}`;
}
