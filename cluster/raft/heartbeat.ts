/**
 * Heartbeats: the leader's sign of life. They carry what a follower may commit, and the number of
 * the latest round of reads, which an answer confirms.
 */
import type { RaftMessage } from './message.ts';
import { begin, commitTo, progressOf, type RaftNode, send } from './node.ts';
import { confirmReads } from './reads.ts';

/** Sends everybody a heartbeat. */
export function broadcastHeartbeats<P>(node: RaftNode<P>): void {
  for (const peer of node.peers) {
    if (peer.id === node.id) continue;
    const message = begin(node, 'heartbeat', peer.id);
    // Only what is known to agree: behind it the follower's log may differ from the leader's.
    message.commit = Math.min(peer.match, node.commit);
    message.context = node.reads.round;
    send(node, message);
  }
}

/** A follower hears its leader. */
export function handleHeartbeat<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  commitTo(node, message.commit);
  const answer = begin(node, 'heartbeat-response', message.from);
  answer.commit = node.commit;
  answer.context = message.context;
  send(node, answer);
}

/** A follower answers. */
export function handleHeartbeatResponse<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  const peer = progressOf(node, message.from);
  if (peer === undefined) return;
  peer.recentActive = true;
  if (message.commit > peer.commit) peer.commit = message.commit;
  if (peer.match < node.log.lastIndex) {
    // It is alive, yet something is missing: an append or its answer may be lost. An empty append
    // is enough to find out.
    peer.paused = false;
    if (peer.isPaused(node.config.maxInflight)) peer.freeOldest();
    peer.due = true;
    node.appendsDue = true;
  }
  if (message.context <= peer.ackedRound) return;
  peer.ackedRound = message.context;
  confirmReads(node);
}
