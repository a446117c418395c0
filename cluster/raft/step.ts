/** A message arrives: first its term is compared, then the rule for its kind is applied. */
import { campaign, handleVote, handleVoteRequest } from './election.ts';
import { handleAppend, handleSnapshot } from './follower.ts';
import { handleHeartbeatResponse } from './heartbeat.ts';
import { handleAnyHeartbeat, isLateGoodNight, wakes, wakeUp } from './hibernation.ts';
import type { MessageKind, RaftMessage } from './message.ts';
import { becomeFollower, begin, broken, type RaftNode, send } from './node.ts';
import { handleReadIndex, handleReadIndexResponse } from './reads.ts';
import { handleAppendResponse } from './replication.ts';
import { handleTransferLeader } from './transfer.ts';

/** Takes in one message. One for another peer is ignored: its addressee lived here before. */
export function step<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  if (message.to !== node.id) return;
  if (message.term < node.term) {
    answerOutdated(node, message);
    return;
  }
  if (node.hibernated && wakes(message)) wakeUp(node, 0);
  if (message.term > node.term && !acceptTerm(node, message)) return;
  handle(node, message);
}

/** Enters a later term, where the message demands it; false if it is to be ignored. */
function acceptTerm<P>(node: RaftNode<P>, message: RaftMessage<P>): boolean {
  const { kind, from, term, mark, reject } = message;
  const asksForVote = kind === 'vote' || kind === 'pre-vote';
  if (asksForVote && mark !== 'transfer' && isLoyal(node)) return false;
  // A trial speaks of a term that may never come, and so does its granting.
  if (kind === 'pre-vote' && !node.bugs.has('pre-vote-bumps-term')) return true;
  if (kind === 'pre-vote-response' && !reject) return true;
  becomeFollower(node, term, isFromLeader(message) ? from : 0);
  return true;
}

/** Whether this peer owes a leader its loyalty: one that it hears, or heard before it restarted. */
function isLoyal<P>(node: RaftNode<P>): boolean {
  if (!node.config.checkQuorum || node.bugs.has('vote-ignores-lease')) return false;
  if (node.refusalTicks > 0) return true;
  return node.leader !== 0 && node.electionElapsed < node.config.electionTicks;
}

function isFromLeader<P>({ kind }: RaftMessage<P>): boolean {
  return kind === 'append' || kind === 'heartbeat' || kind === 'snapshot';
}

/**
 * A sender that missed an election learns of the later term where it must: a candidate, so that it
 * does not lag one term behind for ever, and a leader that nobody else would tell, because those
 * who follow it are loyal.
 */
function answerOutdated<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  const kind = answerKind(message.kind);
  if (kind === undefined) return;
  const answer = begin(node, kind, message.from);
  answer.reject = true;
  send(node, answer);
}

function answerKind(kind: MessageKind): MessageKind | undefined {
  switch (kind) {
    case 'append':
    case 'heartbeat':
    case 'snapshot':
      return 'append-response';
    case 'vote':
      return 'vote-response';
    case 'pre-vote':
      return 'pre-vote-response';
    default:
      return undefined;
  }
}

function handle<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  switch (message.kind) {
    case 'append':
      follow(node, message.from);
      handleAppend(node, message);
      break;
    case 'heartbeat':
      if (isLateGoodNight(node, message)) break;
      follow(node, message.from);
      handleAnyHeartbeat(node, message);
      break;
    case 'snapshot':
      follow(node, message.from);
      handleSnapshot(node, message);
      break;
    case 'vote':
    case 'pre-vote':
      handleVoteRequest(node, message);
      break;
    case 'vote-response':
    case 'pre-vote-response':
      handleVote(node, message);
      break;
    case 'timeout-now':
      campaign(node, true);
      break;
    case 'read-index-response':
      handleReadIndexResponse(node, message);
      break;
    default:
      if (node.role === 'leader') handleAsLeader(node, message);
  }
}

function handleAsLeader<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  switch (message.kind) {
    case 'append-response':
      handleAppendResponse(node, message);
      break;
    case 'heartbeat-response':
      handleHeartbeatResponse(node, message);
      break;
    case 'read-index':
      handleReadIndex(node, message);
      break;
    case 'transfer-leader':
      handleTransferLeader(node, message);
  }
}

/** The leader of this term has spoken. */
function follow<P>(node: RaftNode<P>, leader: number): void {
  if (node.role === 'leader') {
    throw broken(node, `peer ${leader} leads in term ${node.term} as well`);
  }
  if (node.role !== 'follower') becomeFollower(node, node.term, leader);
  node.leader = leader;
  node.electionElapsed = 0;
}
