/**
 * Hibernation (TiKV `hibernate-regions`). A group in which everybody has everything needs no
 * heartbeats: its leader says good night and nobody ticks any more. Whoever is addressed afterwards
 * wakes, and a leader that wakes wakes the others.
 *
 * The price: followers of a sleeping group do not notice that their leader died; somebody who wants
 * something must wake them.
 */
import { broadcastHeartbeats, handleHeartbeat } from './heartbeat.ts';
import { isJoint } from './membership.ts';
import type { RaftMessage } from './message.ts';
import { begin, commitTo, type RaftNode, send } from './node.ts';

/** Whether a leader's group is at rest: everything committed, applied and known to everybody. */
export function canHibernate<P>(node: RaftNode<P>): boolean {
  const { role, log, commit, applied, transferee, reads, conf, persistence } = node;
  const { lastIndex } = log;
  if (role !== 'leader' || transferee !== 0 || !reads.isEmpty || isJoint(conf)) return false;
  if (commit !== lastIndex || applied !== lastIndex || persistence.isBehind) return false;
  for (const peer of node.peers) {
    if (peer.id === node.id) continue;
    if (peer.match !== lastIndex || peer.commit !== lastIndex || !peer.recentActive) return false;
  }
  return true;
}

/** Puts the leader to sleep and tells the others; false if the group is not at rest. */
export function hibernate<P>(node: RaftNode<P>): boolean {
  if (node.hibernated || !canHibernate(node)) return false;
  node.hibernated = true;
  node.night++;
  for (const peer of node.peers) {
    if (peer.id === node.id) continue;
    const message = begin(node, 'heartbeat', peer.id);
    message.mark = 'hibernate';
    message.commit = node.commit;
    message.context = node.night;
    send(node, message);
  }
  return true;
}

/**
 * Whether a heartbeat is the good night of a night that has passed. Each night has a number: a copy
 * that comes late must not put a follower back to sleep that was woken because the leader is dead,
 * nor be taken for a sign of life.
 */
export function isLateGoodNight<P>(node: RaftNode<P>, message: RaftMessage<P>): boolean {
  const { mark, term, context } = message;
  if (mark !== 'hibernate' || node.bugs.has('late-good-night')) return false;
  return term === node.term && context <= node.night;
}

/** The leader says good night. */
function handleGoodNight<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  commitTo(node, message.commit);
  node.night = message.context;
  if (node.log.lastIndex === message.commit) node.hibernated = true;
  else send(node, wakeUpCall(node, message.from));
}

/** Whether a message ends a peer's sleep. Answers that were under way do not. */
export function wakes<P>({ kind, mark }: RaftMessage<P>): boolean {
  switch (kind) {
    case 'append-response':
    case 'heartbeat-response':
      return mark === 'wake';
    case 'heartbeat':
      return mark !== 'hibernate';
    default:
      return true;
  }
}

/**
 * Ends the sleep. A follower that slept for `sleptTicks` has been without its leader for so long;
 * it is free to vote, but gives the leader a while to speak before it campaigns itself.
 */
export function wakeUp<P>(node: RaftNode<P>, sleptTicks: number): void {
  if (!node.hibernated) return;
  node.hibernated = false;
  if (node.role === 'leader') {
    node.electionElapsed = 0;
    node.heartbeatElapsed = 0;
    broadcastHeartbeats(node);
    return;
  }
  const { electionTicks, random } = node.config;
  node.electionElapsed += sleptTicks;
  const patience = node.electionElapsed + 1 + random(electionTicks);
  if (node.electionTimeout < patience) node.electionTimeout = patience;
}

/** Wakes this peer from outside, and through it its leader. */
export function wakeGroup<P>(node: RaftNode<P>, sleptTicks: number): void {
  if (!node.hibernated) return;
  wakeUp(node, sleptTicks);
  if (node.role !== 'leader' && node.leader !== 0) send(node, wakeUpCall(node, node.leader));
}

function wakeUpCall<P>(node: RaftNode<P>, leader: number): RaftMessage<P> {
  const message = begin(node, 'heartbeat-response', leader);
  message.mark = 'wake';
  message.commit = node.commit;
  return message;
}

/** A heartbeat is a good night or a sign of life. */
export function handleAnyHeartbeat<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  if (message.mark === 'hibernate') handleGoodNight(node, message);
  else handleHeartbeat(node, message);
}
