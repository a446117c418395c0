/**
 * Majorities, of one set of voters or of both halves of a joint configuration (thesis §4.3): what
 * must be agreed on is agreed on by a majority of each.
 */
import type { ConfState } from './membership.ts';

/** One voter's share in a decision about numbers that only grow. */
interface Counted {
  readonly id: number;
  readonly voter: boolean;
  readonly outgoing: boolean;
  readonly match: number;
  readonly ackedRound: number;
  readonly recentActive: boolean;
}

/** How many of `count` voters are a majority. */
export function majority(count: number): number {
  return (count >> 1) + 1;
}

/** The highest log index that a quorum holds. */
export function quorumMatch(peers: readonly Counted[]): number {
  return Math.min(reached(peers, true, false), reached(peers, false, false));
}

/** The latest round of heartbeats that a quorum has answered. */
export function quorumRound(peers: readonly Counted[]): number {
  return Math.min(reached(peers, true, true), reached(peers, false, true));
}

/** Sorted numbers of the half at hand, largest first; kept to spare an array per decision. */
const scratch: number[] = [];

/** What a majority of one half has reached; no limit if the half is empty. */
function reached(peers: readonly Counted[], incoming: boolean, rounds: boolean): number {
  let count = 0;
  for (const peer of peers) {
    if (!(incoming ? peer.voter : peer.outgoing)) continue;
    const value = rounds ? peer.ackedRound : peer.match;
    let at = count++;
    while (at > 0 && (scratch[at - 1] as number) < value) {
      scratch[at] = scratch[at - 1] as number;
      at--;
    }
    scratch[at] = value;
  }
  return count === 0 ? Number.POSITIVE_INFINITY : (scratch[majority(count) - 1] as number);
}

/** Whether a quorum has been heard of; a leader hears itself. */
export function isQuorumActive(peers: readonly Counted[], self: number): boolean {
  let balance = 0;
  let outgoingBalance = 0;
  for (const { id, voter, outgoing, recentActive } of peers) {
    const weight = recentActive || id === self ? 1 : -1;
    if (voter) balance += weight;
    if (outgoing) outgoingBalance += weight;
  }
  const hasOutgoing = peers.some(({ outgoing }) => outgoing);
  return balance > 0 && (outgoingBalance > 0 || !hasOutgoing);
}

/** How an election stands. */
export type VoteResult = 'won' | 'lost' | 'pending';

/** Counts votes; peers that have no vote in the configuration are not counted. */
export function voteResult(conf: ConfState, votes: ReadonlyMap<number, boolean>): VoteResult {
  const incoming = halfResult(conf.voters, votes);
  const outgoing = halfResult(conf.outgoing, votes);
  if (incoming === 'lost' || outgoing === 'lost') return 'lost';
  return incoming === 'won' && outgoing === 'won' ? 'won' : 'pending';
}

function halfResult(voters: readonly number[], votes: ReadonlyMap<number, boolean>): VoteResult {
  let granted = 0;
  let refused = 0;
  for (const id of voters) {
    const vote = votes.get(id);
    if (vote === true) granted++;
    else if (vote === false) refused++;
  }
  const needed = voters.length === 0 ? 0 : majority(voters.length);
  if (granted >= needed) return 'won';
  return voters.length - refused < needed ? 'lost' : 'pending';
}
