/** Time passes: timeouts of followers and candidates, duties of leaders. */
import { leaveJointIfDue } from './conf-change.ts';
import { campaign } from './election.ts';
import { broadcastHeartbeats } from './heartbeat.ts';
import { becomeFollower, type RaftNode } from './node.ts';
import { isQuorumActive } from './quorum.ts';
import { tickTransfer } from './transfer.ts';

/** One tick. A sleeping peer does not feel it. */
export function tick<P>(node: RaftNode<P>): void {
  if (node.hibernated) return;
  if (node.refusalTicks > 0) node.refusalTicks--;
  node.electionElapsed++;
  if (node.role === 'leader') tickLeader(node);
  // One that may not stand for election goes on counting: it must not owe a silent leader loyalty.
  else if (node.electionElapsed >= node.electionTimeout) campaign(node, false);
}

function tickLeader<P>(node: RaftNode<P>): void {
  tickTransfer(node);
  const { electionTicks, heartbeatTicks } = node.config;
  if (node.electionElapsed >= electionTicks) {
    node.electionElapsed = 0;
    if (!keepsQuorum(node)) {
      becomeFollower(node, node.term, 0);
      return;
    }
  }
  if (++node.heartbeatElapsed < heartbeatTicks) return;
  node.heartbeatElapsed = 0;
  broadcastHeartbeats(node);
  leaveJointIfDue(node);
}

/** Whether a quorum was heard of lately; begins to look anew. */
function keepsQuorum<P>(node: RaftNode<P>): boolean {
  const active = isQuorumActive(node.peers, node.id);
  for (const peer of node.peers) peer.recentActive = false;
  return active || !node.config.checkQuorum;
}
