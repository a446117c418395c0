import type { ConfChange, ConfState, Entry, RaftMessage } from '../cluster/raft/index.ts';
import type { RaftHost } from './raft-host.ts';

/** A message as a script shows it: `1->2 append 4@1 + 5@2 commit=3`. */
export function shownMessage(message: RaftMessage<string>): string {
  const { from, to, kind, term, reject, mark } = message;
  const words = [`${from}->${to}`, kind, `term=${term}`, ...detailsOf(message)];
  if (mark !== 'none') words.push(`(${mark})`);
  if (reject) words.push('refused');
  return words.join(' ');
}

function detailsOf(message: RaftMessage<string>): string[] {
  const { kind, index, logTerm, commit, entries, context, reject, hint, snapshot } = message;
  switch (kind) {
    case 'append': {
      const added = entries.length === 0 ? [] : [`+ ${entries.map(shownEntry).join(', ')}`];
      return [`after ${index}@${logTerm}`, ...added, `commit=${commit}`];
    }
    case 'append-response':
      return reject ? [`after ${index}`, `hint=${hint}@${logTerm}`] : [`match=${index}`];
    case 'heartbeat':
    case 'heartbeat-response': {
      const number = message.mark === 'hibernate' ? 'night' : 'round';
      return [`commit=${commit}`, ...(context === 0 ? [] : [`${number}=${context}`])];
    }
    case 'vote':
    case 'pre-vote':
      return [`last=${index}@${logTerm}`];
    case 'snapshot':
      return [`up to ${snapshot?.meta.index}@${snapshot?.meta.term}`];
    case 'read-index':
    case 'transfer-leader':
      return [`${context}`];
    case 'read-index-response':
      return [`${context} at ${index}`];
    default:
      return [];
  }
}

/** An entry: `6@2 x`, where `-` is the leader's own empty one. */
export function shownEntry({ index, term, payload, change }: Entry<string>): string {
  const content = change === undefined ? (payload ?? '-') : shownChange(change);
  return `${index}@${term} ${content}`;
}

function shownChange(change: ConfChange): string {
  if (change.kind === 'leave-joint') return change.kind;
  const changes = change.kind === 'simple' ? [change.change] : change.changes;
  const words = changes.map(({ kind, id }) => `${kind} ${id}`);
  return change.kind === 'simple' ? words.join(' ') : `enter-joint (${words.join(', ')})`;
}

/** A configuration: `1 2 3, 1 2 4 outgoing, 5 learner`. */
export function shownConf({ voters, outgoing, learners, learnersNext }: ConfState): string {
  const parts = [voters.length === 0 ? 'nobody' : voters.join(' ')];
  if (outgoing.length > 0) parts.push(`outgoing ${outgoing.join(' ')}`);
  if (learners.length > 0) parts.push(`learners ${learners.join(' ')}`);
  if (learnersNext.length > 0) parts.push(`soon learners ${learnersNext.join(' ')}`);
  return parts.join(', ');
}

/** Who a peer is: role, term, vote, leader, commit and last index. */
export function shownStatus({ id, raft }: RaftHost): string {
  if (raft === undefined) return `${id}: down`;
  const { role, term, vote, leader, commit, lastIndex, hibernated } = raft;
  const state = `${role} term=${term} vote=${vote} leader=${leader} commit=${commit} last=${lastIndex}`;
  return `${id}: ${state}${hibernated ? ' asleep' : ''}`;
}

/** Terms of a peer's entries, as in the figures of the paper; `|` is the commit index. */
export function shownTerms({ id, raft }: RaftHost): string {
  if (raft === undefined) return `${id}: down`;
  const { log, commit } = raft;
  const cells = [`[${log.truncatedIndex}@${log.truncatedTerm}]`];
  if (commit === log.truncatedIndex) cells.push('|');
  for (const { index, term } of log.entries) {
    cells.push(`${term}`);
    if (index === commit) cells.push('|');
  }
  return `${id}: ${cells.join(' ')}`;
}
