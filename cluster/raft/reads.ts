/**
 * ReadIndex (thesis §6.4): a linearizable read without an entry in the log. The leader notes its
 * commit index, makes sure with a round of heartbeats that it still leads, and the reader waits
 * until that index is applied.
 *
 * A new leader may know an older commit index than its predecessor, until it has committed an entry
 * of its own term; before that it answers nobody (§8).
 */
import type { RaftMessage } from './message.ts';
import { begin, progressOf, type RaftNode, send } from './node.ts';
import { quorumRound } from './quorum.ts';

/**
 * Asks for an index to read at. False if nobody can be asked now; otherwise an answer may come as a
 * read state, or never: the driver asks again.
 */
export function readIndex<P>(node: RaftNode<P>, context: number): boolean {
  if (node.role === 'leader') return acceptRead(node, node.id, context);
  if (node.leader === 0) return false;
  const message = begin(node, 'read-index', node.leader);
  message.context = context;
  send(node, message);
  return true;
}

/** A follower's reader asks the leader. */
export function handleReadIndex<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  acceptRead(node, message.from, message.context);
}

/** The leader has answered. */
export function handleReadIndexResponse<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  node.readStates.push({ context: message.context, index: message.index });
}

function acceptRead<P>(node: RaftNode<P>, from: number, context: number): boolean {
  const { log, commit, term, bugs } = node;
  const committedInTerm = log.term(commit) === term;
  if (!committedInTerm && !bugs.has('new-leader-reads-before-own-term-commit')) return false;
  if (bugs.has('read-index-without-quorum')) answerRead(node, from, context, commit);
  else node.reads.add(from, context);
  return true;
}

/** Begins a round for the reads that have arrived; false if there are none. */
export function beginReadRound<P>(node: RaftNode<P>): boolean {
  if (!node.reads.isDue) return false;
  node.reads.beginRound(node.commit);
  const self = progressOf(node, node.id);
  if (self !== undefined) self.ackedRound = node.reads.round;
  confirmReads(node);
  return true;
}

/** Answers the reads whose round a quorum has confirmed. */
export function confirmReads<P>(node: RaftNode<P>): void {
  const round = quorumRound(node.peers);
  for (;;) {
    const batch = node.reads.takeConfirmed(round);
    if (batch === undefined) return;
    for (const { from, context } of batch.reads) answerRead(node, from, context, batch.index);
  }
}

function answerRead<P>(node: RaftNode<P>, from: number, context: number, index: number): void {
  if (from === node.id) {
    node.readStates.push({ context, index });
    return;
  }
  const message = begin(node, 'read-index-response', from);
  message.context = context;
  message.index = index;
  send(node, message);
}
