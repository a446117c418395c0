/**
 * Elections (§5.2, §5.4.1), with a trial vote before the real one (thesis §9.6).
 *
 * ```
 *              silence            majority would               majority
 *   follower ──────────▶ pre-candidate ──────────▶ candidate ──────────▶ leader
 *      ▲                       │  refused               │  refused         │ higher term,
 *      └───────────────────────┴────────────────────────┴──────────────────┘ no quorum, removed
 * ```
 *
 * A pre-candidate asks in the name of the term after its own and changes nothing, at home or
 * elsewhere: a peer that comes back from a partition cannot depose anybody by its high term alone.
 */
import { normalEntry } from './entry.ts';
import { isVoter, members } from './membership.ts';
import type { Draft, RaftMessage } from './message.ts';
import {
  becomeFollower,
  begin,
  commitTo,
  drawElectionTimeout,
  type RaftNode,
  reset,
  send,
} from './node.ts';
import { voteResult } from './quorum.ts';
import { appendEntry, trackMembers } from './replication.ts';

/** Stands for election, unless this peer has no vote or must first learn who has. */
export function campaign<P>(node: RaftNode<P>, byOrder: boolean): void {
  if (node.role === 'leader' || !isPromotable(node)) return;
  if (node.config.preVote && !byOrder) tryElection(node);
  else holdElection(node, byOrder);
}

function isPromotable<P>(node: RaftNode<P>): boolean {
  const { conf, id, applied, commit, log } = node;
  if (!isVoter(conf, id) || applied < log.truncatedIndex) return false;
  // A change that is committed but not applied here may have given the vote to others.
  for (let at = applied + 1; at <= commit; at++)
    if (log.at(at)?.kind === 'conf-change') return false;
  return true;
}

/** Asks whether an election could be won. */
function tryElection<P>(node: RaftNode<P>): void {
  node.role = 'pre-candidate';
  node.leader = 0;
  node.electionElapsed = 0;
  drawElectionTimeout(node);
  node.votes.clear();
  askForVotes(node, 'pre-vote', node.term + 1, false);
  count(node, node.id, true);
}

/**
 * Votes for itself and asks the others. The own vote counts once it is on disk; the requests wait
 * for that as well.
 */
function holdElection<P>(node: RaftNode<P>, byOrder: boolean): void {
  reset(node, node.term + 1);
  node.role = 'candidate';
  node.vote = node.id;
  askForVotes(node, 'vote', node.term, byOrder);
}

function askForVotes<P>(
  node: RaftNode<P>,
  kind: 'vote' | 'pre-vote',
  term: number,
  byOrder: boolean,
): void {
  for (const id of members(node.conf)) {
    if (id === node.id || !isVoter(node.conf, id)) continue;
    const message = begin(node, kind, id);
    message.term = term;
    message.index = node.log.lastIndex;
    message.logTerm = node.log.lastTerm;
    if (byOrder) message.mark = 'transfer';
    tellCommit(node, message);
    send(node, message);
  }
}

/** The candidate's term and vote are on disk. */
export function countOwnVote<P>(node: RaftNode<P>, durableTerm: number): void {
  if (node.role === 'candidate' && durableTerm === node.term) count(node, node.id, true);
}

/** Somebody wants to lead. */
export function handleVoteRequest<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  const { kind, from, term, index, logTerm } = message;
  learnCommit(node, message);
  const isTrial = kind === 'pre-vote';
  const granted =
    mayVoteFor(node, from, isTrial && term > node.term) &&
    (node.log.isUpToDate(index, logTerm) || node.bugs.has('vote-ignores-log'));
  const answer = begin(node, isTrial ? 'pre-vote-response' : 'vote-response', from);
  if (granted) {
    // An answer to a trial speaks of the term that was asked about.
    answer.term = term;
    if (!isTrial) {
      node.vote = from;
      node.electionElapsed = 0;
    }
  } else {
    answer.reject = true;
    tellCommit(node, answer);
  }
  send(node, answer);
}

/**
 * Requests for votes and refusals tell what is committed, since that is a fact in any term. A peer
 * may need it to know who has a vote at all: if the leader of two is removed and its log is the
 * longer one, it can neither be elected nor vote for the other, which has the change in its log but
 * does not know that it is committed. (raft-rs: fast commit by vote.)
 */
function tellCommit<P>({ commit, log }: RaftNode<P>, message: Draft<P>): void {
  message.commit = commit;
  message.hint = log.term(commit) ?? 0;
}

/** What a candidate or a voter knows to be committed is so here too, if the entry is the same. */
function learnCommit<P>(node: RaftNode<P>, { commit, hint }: RaftMessage<P>): void {
  if (node.role === 'leader' || commit <= node.commit || !node.log.matches(commit, hint)) return;
  commitTo(node, commit);
  // There may be a membership change to be applied before anything else.
  if (node.role !== 'follower' && !isPromotable(node)) becomeFollower(node, node.term, 0);
}

function mayVoteFor<P>(node: RaftNode<P>, candidate: number, trialOfLaterTerm: boolean): boolean {
  if (node.vote === candidate || trialOfLaterTerm) return true;
  if (node.bugs.has('vote-twice-per-term')) return node.leader === 0;
  return node.vote === 0 && node.leader === 0;
}

/** An answer to a request of either kind. */
export function handleVote<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  const { kind, from, term, reject } = message;
  learnCommit(node, message);
  const wanted = kind === 'vote-response' ? 'candidate' : 'pre-candidate';
  if (node.role !== wanted) return;
  // A trial of an earlier term says nothing about this one.
  if (kind === 'pre-vote-response' && !reject && term !== node.term + 1) return;
  count(node, from, !reject);
}

function count<P>(node: RaftNode<P>, from: number, granted: boolean): void {
  if (!node.votes.has(from)) node.votes.set(from, granted);
  switch (voteResult(node.conf, node.votes)) {
    case 'won':
      if (node.role === 'pre-candidate') holdElection(node, false);
      else becomeLeader(node);
      break;
    case 'lost':
      becomeFollower(node, node.term, 0);
      break;
    case 'pending':
  }
}

/**
 * Leads. An empty entry is proposed at once: only when an entry of its own term is committed does a
 * leader know what is (§5.4.2, §8).
 */
function becomeLeader<P>(node: RaftNode<P>): void {
  reset(node, node.term);
  node.role = 'leader';
  node.leader = node.id;
  const { lastIndex } = node.log;
  // A membership change may be among what predecessors left.
  node.pendingConfIndex = lastIndex;
  trackMembers(node);
  appendEntry(node, normalEntry(node.term, lastIndex + 1, undefined, 0));
}
