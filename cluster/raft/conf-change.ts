/**
 * Changes of the membership (thesis §4). A change takes effect when it is applied, not when it is
 * appended as in the thesis; that is as safe as long as a leader proposes none before the last one
 * has been applied, and nobody campaigns while a committed one is not applied yet.
 */
import { confChangeEntry, type Entry } from './entry.ts';
import { type ConfChange, type ConfState, changed, isJoint, isVoter } from './membership.ts';
import { becomeFollower, broken, type RaftNode } from './node.ts';
import { appendEntry, commitByQuorum, trackMembers } from './replication.ts';

/** Proposes a change; undefined if this is not the time for it, or if it makes no sense. */
export function proposeConfChange<P>(
  node: RaftNode<P>,
  change: ConfChange,
  payload: P | undefined,
): number | undefined {
  if (node.role !== 'leader' || node.transferee !== 0) return undefined;
  const pending = node.pendingConfIndex > node.applied;
  if (pending && !node.bugs.has('conf-change-while-pending')) return undefined;
  if (changed(node.conf, change) === undefined) return undefined;
  const index = node.log.lastIndex + 1;
  node.pendingConfIndex = index;
  return appendEntry(node, confChangeEntry(node.term, index, payload, change));
}

/** The driver applies a change. Every peer does so at the same place of its log. */
export function applyConfChange<P>(node: RaftNode<P>, { index, change }: Entry<P>): ConfState {
  const next = change === undefined ? undefined : changed(node.conf, change);
  if (next === undefined) {
    throw broken(node, `entry ${index} is no change of its configuration`);
  }
  const hasty = isJoint(next) && node.bugs.has('single-step-joint');
  node.conf = (hasty ? changed(next, { kind: 'leave-joint' }) : next) ?? next;
  if (node.role === 'leader') adjustLeader(node);
  return node.conf;
}

function adjustLeader<P>(node: RaftNode<P>): void {
  const { conf, id, term } = node;
  if (!isVoter(conf, id)) {
    // It was a leader for the sake of this very change (thesis §4.2.2).
    becomeFollower(node, term, 0);
    return;
  }
  trackMembers(node);
  if (!conf.voters.includes(node.transferee)) node.transferee = 0;
  node.appendsDue = true;
  commitByQuorum(node);
}

/** Ends the joint phase where that was left to the leader. */
export function leaveJointIfDue<P>(node: RaftNode<P>): void {
  if (node.role !== 'leader' || !node.conf.autoLeave || !isJoint(node.conf)) return;
  proposeConfChange(node, { kind: 'leave-joint' }, undefined);
}
