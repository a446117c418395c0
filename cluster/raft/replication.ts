/**
 * The leader's side of the log (§5.3): append, replicate, commit. Nothing is sent while messages
 * are being stepped; `sendAppends` runs when the driver collects a Ready, so that everything
 * proposed since the last one travels in one append per follower.
 */
import { type Entry, normalEntry } from './entry.ts';
import { members } from './membership.ts';
import type { RaftMessage, Snapshot } from './message.ts';
import { begin, commitTo, progressOf, type RaftNode, send } from './node.ts';
import { Progress } from './progress.ts';
import { quorumMatch } from './quorum.ts';

/** Puts an entry at the end of the leader's log. */
export function appendEntry<P>(node: RaftNode<P>, entry: Entry<P>): number {
  node.log.push(entry);
  node.uncommittedBytes += entry.bytes;
  node.appendsDue = true;
  if (node.bugs.has('leader-counts-itself-before-persist')) countSelf(node, entry.index);
  return entry.index;
}

/** A client's command; undefined while leadership is being handed over or too much is pending. */
export function propose<P>(node: RaftNode<P>, payload: P, bytes: number): number | undefined {
  if (node.role !== 'leader' || node.transferee !== 0) return undefined;
  const { uncommittedBytes, config, log } = node;
  // A single command that is too heavy by itself must get through somehow.
  if (uncommittedBytes > 0 && uncommittedBytes + bytes > config.maxUncommittedBytes) {
    return undefined;
  }
  return appendEntry(node, normalEntry(node.term, log.lastIndex + 1, payload, bytes));
}

/** Follows the configuration: newcomers are probed, those who left are forgotten. */
export function trackMembers<P>(node: RaftNode<P>): void {
  const { conf, log } = node;
  node.peers = members(conf).map((id) => {
    const peer = progressOf(node, id) ?? new Progress(id, log.lastIndex + 1);
    peer.voter = conf.voters.includes(id);
    peer.outgoing = conf.outgoing.includes(id);
    return peer;
  });
  countSelf(node, node.persistence.persisted);
}

/** The leader's own copy up to `index` is on disk. */
export function countSelf<P>(node: RaftNode<P>, index: number): void {
  if (progressOf(node, node.id)?.accepted(index) === true) commitByQuorum(node);
}

/**
 * Commits what a quorum holds. Only an entry of the leader's own term is committed by counting;
 * what stands before it is committed along with it. An entry of an earlier term may be on a
 * majority and still be overwritten (§5.4.2, figure 8).
 */
export function commitByQuorum<P>(node: RaftNode<P>): void {
  const { log, bugs } = node;
  const index = quorumMatch(node.peers);
  if (index <= node.commit) return;
  if (log.term(index) !== node.term && !bugs.has('commit-old-term-by-count')) return;
  for (let at = node.commit + 1; at <= index; at++) settle(node, log.at(at));
  commitTo(node, index);
  if (node.config.broadcastCommit) node.commitDue = true;
}

function settle<P>(node: RaftNode<P>, entry: Entry<P> | undefined): void {
  node.uncommittedBytes = Math.max(0, node.uncommittedBytes - (entry?.bytes ?? 0));
  // Whoever is about to join or leave should hear of it soon.
  if (entry?.kind === 'conf-change') node.commitDue = true;
}

/** Whether `sendAppends` would send anything. */
export function hasAppendsDue<P>(node: RaftNode<P>): boolean {
  return node.appendsDue || node.commitDue;
}

/** Writes the appends that followers are due. */
export function sendAppends<P>(node: RaftNode<P>): void {
  const tellCommit = node.commitDue;
  node.appendsDue = false;
  node.commitDue = false;
  for (const peer of node.peers) {
    if (peer.id === node.id) continue;
    if (tellCommit && peer.sentCommit < node.commit) peer.due = true;
    const { lastIndex } = node.log;
    while (!peer.isPaused(node.config.maxInflight) && (peer.due || peer.next <= lastIndex)) {
      if (!sendAppend(node, peer)) break;
    }
  }
}

/** One append from `next` on; false if the entries are gone and a snapshot is wanted. */
function sendAppend<P>(node: RaftNode<P>, peer: Progress): boolean {
  const { log, commit } = node;
  const index = peer.next - 1;
  const logTerm = log.term(index);
  peer.due = false;
  if (logTerm === undefined) {
    wantSnapshot(node, peer);
    return false;
  }
  const message = begin(node, 'append', peer.id);
  message.index = index;
  message.logTerm = logTerm;
  message.commit = commit;
  if (index < log.lastIndex) {
    message.entries = log.slice(peer.next, log.lastIndex, node.config.maxBytesPerMessage);
    for (const entry of message.entries) message.bytes += entry.bytes;
  }
  const last = index + message.entries.length;
  peer.sent(last);
  peer.sentCommit = Math.min(commit, last);
  send(node, message);
  return true;
}

function wantSnapshot<P>(node: RaftNode<P>, peer: Progress): void {
  // A peer that is down would only make the driver build snapshots in vain.
  if (!peer.recentActive) return;
  peer.becomeSnapshot();
  node.snapshotsWanted.push(peer.id);
}

/** Sends a snapshot the driver has made; undefined if it could not. */
export function provideSnapshot<P>(
  node: RaftNode<P>,
  to: number,
  snapshot: Snapshot | undefined,
): void {
  const peer = progressOf(node, to);
  if (peer?.state !== 'snapshot' || peer.pendingSnapshot !== 0) return;
  if (snapshot === undefined) {
    peer.becomeProbe();
    peer.paused = true;
    return;
  }
  peer.pendingSnapshot = snapshot.meta.index;
  const message = begin(node, 'snapshot', to);
  message.snapshot = snapshot;
  message.bytes = snapshot.bytes;
  send(node, message);
}

/** The driver knows whether a snapshot has arrived. */
export function snapshotReported<P>(node: RaftNode<P>, id: number, ok: boolean): void {
  const peer = progressOf(node, id);
  if (peer?.state !== 'snapshot') return;
  if (!ok) peer.pendingSnapshot = 0;
  peer.becomeProbe();
  // Its own answer, or the next heartbeat's, will show where to go on.
  peer.paused = true;
}

/** Nothing gets through to a peer: appends sent ahead are taken for lost. */
export function unreachable<P>(node: RaftNode<P>, id: number): void {
  const peer = progressOf(node, id);
  if (peer?.state === 'replicate') peer.becomeProbe();
}

/** A follower answers an append. */
export function handleAppendResponse<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  const peer = progressOf(node, message.from);
  if (peer === undefined) return;
  peer.recentActive = true;
  if (message.commit > peer.commit) peer.commit = message.commit;
  if (message.reject) {
    const hint = node.log.lastIndexWithin(message.hint, message.logTerm);
    if (peer.refused(message.index, hint)) node.appendsDue = true;
    return;
  }
  const news = peer.accepted(message.index);
  if (peer.state === 'probe') peer.becomeReplicate();
  else if (peer.state === 'snapshot' && peer.match >= node.log.truncatedIndex) {
    peer.pendingSnapshot = 0;
    peer.becomeProbe();
    peer.becomeReplicate();
  }
  if (peer.due || peer.next <= node.log.lastIndex) node.appendsDue = true;
  if (!news) return;
  commitByQuorum(node);
  if (peer.id === node.transferee) hurry(node, peer);
}

/** The successor may campaign as soon as it has the whole log (thesis §3.10). */
export function hurry<P>(node: RaftNode<P>, peer: Progress): void {
  if (peer.match === node.log.lastIndex) {
    send(node, begin(node, 'timeout-now', peer.id));
    return;
  }
  peer.due = true;
  node.appendsDue = true;
}
