/**
 * Handing over leadership (thesis §3.10): no more proposals, the successor is brought up to date,
 * then told to hold an election at once. Its votes are asked for by order of the leader, so that
 * those who still hear the leader may grant them.
 */
import type { RaftMessage } from './message.ts';
import { begin, progressOf, type RaftNode, send } from './node.ts';
import { hurry } from './replication.ts';

/** Hands over to a voter, or asks the leader to. Given up after an election timeout. */
export function transferLeader<P>(node: RaftNode<P>, to: number): void {
  if (node.role === 'leader') startTransfer(node, to);
  else if (node.leader !== 0) {
    const message = begin(node, 'transfer-leader', node.leader);
    message.context = to;
    send(node, message);
  }
}

/** A follower was asked to have leadership moved. */
export function handleTransferLeader<P>(node: RaftNode<P>, { context }: RaftMessage<P>): void {
  startTransfer(node, context);
}

function startTransfer<P>(node: RaftNode<P>, to: number): void {
  if (to === node.transferee || to === node.id || !node.conf.voters.includes(to)) return;
  const peer = progressOf(node, to);
  if (peer === undefined) return;
  node.transferee = to;
  node.transferElapsed = 0;
  hurry(node, peer);
}

/** Time passes; the successor may be dead. */
export function tickTransfer<P>(node: RaftNode<P>): void {
  if (node.transferee === 0) return;
  if (++node.transferElapsed >= node.config.electionTicks) node.transferee = 0;
}
