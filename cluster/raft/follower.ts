/** The follower's side of the log: compare what the leader says, take it over, acknowledge it. */

import type { Entry } from './entry.ts';
import type { RaftLog } from './log.ts';
import { members } from './membership.ts';
import type { RaftMessage, Snapshot } from './message.ts';
import { begin, commitTo, type RaftNode, send } from './node.ts';

/** Entries from the leader (§5.3, receiver's steps of AppendEntries in figure 2). */
export function handleAppend<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  const { log, bugs } = node;
  const { index, logTerm, entries } = message;
  if (index < node.commit) {
    // Sent before the leader heard how far this peer is: all of it agrees already.
    acknowledge(node, message.from, node.commit);
    return;
  }
  const blind = bugs.has('skip-log-matching-check') && index <= log.lastIndex;
  if (!log.matches(index, logTerm) && !blind) {
    refuse(node, message);
    return;
  }
  takeOver(node, message);
  const last = index + entries.length;
  commitTo(node, Math.min(message.commit, last));
  acknowledge(node, message.from, last);
}

/**
 * Writes what is new, from the first entry that differs on. Entries that agree must stay, and so
 * must those behind them: the message may be older than they are.
 */
function takeOver<P>(node: RaftNode<P>, { entries }: RaftMessage<P>): void {
  const { log, persistence, bugs } = node;
  let start = 0;
  if (!bugs.has('stale-append-truncates-committed')) start = agreement(log, entries);
  const first = entries[start];
  if (first === undefined) return;
  if (first.index <= log.lastIndex) {
    log.truncateFrom(first.index);
    persistence.truncatedFrom(first.index);
  }
  for (let i = start; i < entries.length; i++) log.push(entries[i] as Entry<P>);
}

/** How many of the entries are in the log already. */
function agreement<P>(log: RaftLog<P>, entries: readonly Entry<P>[]): number {
  let count = 0;
  for (const { index, term } of entries) {
    if (!log.matches(index, term)) break;
    count++;
  }
  return count;
}

function acknowledge<P>(node: RaftNode<P>, to: number, index: number): void {
  const answer = begin(node, 'append-response', to);
  answer.index = index;
  answer.commit = node.commit;
  send(node, answer);
}

function refuse<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  const answer = begin(node, 'append-response', message.from);
  answer.reject = true;
  answer.index = message.index;
  answer.hint = node.log.lastIndexWithin(message.index, message.logTerm);
  answer.logTerm = node.log.term(answer.hint) ?? 0;
  answer.commit = node.commit;
  send(node, answer);
}

/** A state in place of entries the leader no longer has (§7, figure 13). */
export function handleSnapshot<P>(node: RaftNode<P>, { from, snapshot }: RaftMessage<P>): void {
  if (snapshot === undefined) return;
  const { index, term, conf } = snapshot.meta;
  if (index <= node.commit && !node.bugs.has('stale-snapshot-rolls-back')) {
    acknowledge(node, from, node.commit);
  } else if (node.log.matches(index, term)) {
    // The log reaches there and agrees: better than any snapshot.
    commitTo(node, index);
    acknowledge(node, from, index);
  } else if (members(conf).includes(node.id)) {
    install(node, snapshot);
    acknowledge(node, from, index);
  }
}

function install<P>(node: RaftNode<P>, snapshot: Snapshot): void {
  const { index, term, conf } = snapshot.meta;
  // Of the old log only what was committed is covered by the snapshot; writes under way of what
  // stood behind it prove nothing any more.
  node.persistence.replacedBy(index, Math.min(node.commit, index));
  node.log.reset(index, term);
  node.commit = index;
  node.handedToApply = index;
  node.conf = conf;
  node.snapshot = snapshot;
}
