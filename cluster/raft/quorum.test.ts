import { describe, expect, test } from 'vitest';
import { type ConfState, confOf } from './membership.ts';
import { Progress } from './progress.ts';
import { isQuorumActive, majority, quorumMatch, voteResult } from './quorum.ts';

/** Members by what they hold: `incoming` and `outgoing` voters; the same id may be in both. */
function members(incoming: Record<number, number>, outgoing: Record<number, number> = {}) {
  const ids = new Set([...Object.keys(incoming), ...Object.keys(outgoing)].map(Number));
  return [...ids].map((id) => {
    const peer = new Progress(id, 1);
    peer.voter = id in incoming;
    peer.outgoing = id in outgoing;
    peer.match = incoming[id] ?? outgoing[id] ?? 0;
    return peer;
  });
}

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
  [7, 4],
])('a majority of %i is %i', (count, needed) => {
  expect(majority(count)).toBe(needed);
});

test.each([
  [{ 1: 5 }, 5],
  [{ 1: 5, 2: 3 }, 3],
  [{ 1: 5, 2: 3, 3: 4 }, 4],
  [{ 1: 5, 2: 0, 3: 0 }, 0],
  [{ 1: 9, 2: 8, 3: 7, 4: 6 }, 7],
  [{ 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 }, 3],
])('of %j a majority holds %i', (matches, index) => {
  expect(quorumMatch(members(matches))).toBe(index);
});

test('in a joint configuration both halves must hold an entry', () => {
  expect(quorumMatch(members({ 3: 9, 4: 9, 5: 9 }, { 1: 2, 2: 4, 3: 9 }))).toBe(4);
  expect(quorumMatch(members({ 3: 9, 4: 1, 5: 1 }, { 1: 9, 2: 9, 3: 9 }))).toBe(1);
});

test('learners are not counted', () => {
  const learner = new Progress(4, 1);
  learner.match = 9;
  expect(quorumMatch([...members({ 1: 3, 2: 2, 3: 1 }), learner])).toBe(2);
});

describe('votes', () => {
  const joint: ConfState = { ...confOf([3, 4, 5]), outgoing: [1, 2, 3] };
  const cases: [title: string, conf: ConfState, yes: number[], no: number[], result: string][] = [
    ['are pending without a majority', confOf([1, 2, 3]), [1], [2], 'pending'],
    ['win with a majority', confOf([1, 2, 3]), [1, 3], [2], 'won'],
    ['are lost when a majority is out of reach', confOf([1, 2, 3]), [1], [2, 3], 'lost'],
    ['are lost at a tie of all', confOf([1, 2, 3, 4]), [1, 2], [3, 4], 'lost'],
    ['of strangers do not count', confOf([1, 2, 3]), [1, 7, 8], [], 'pending'],
    ['need both halves', joint, [3, 4], [], 'pending'],
    ['win in both halves', joint, [1, 3, 4], [], 'won'],
    ['are lost in one half', joint, [3, 4, 5], [1, 2], 'lost'],
  ];
  test.each(cases)('%s', (_, conf, yes, no, result) => {
    const votes = new Map([
      ...yes.map((id) => [id, true] as const),
      ...no.map((id) => [id, false] as const),
    ]);
    expect(voteResult(conf, votes)).toBe(result);
  });
});

test('a quorum is active if a majority of each half was heard of, oneself included', () => {
  const peers = members({ 3: 0, 4: 0, 5: 0 }, { 1: 0, 2: 0, 3: 0 });
  for (const peer of peers) peer.recentActive = peer.id === 4;
  expect(isQuorumActive(peers, 3)).toBe(false);
  for (const peer of peers) peer.recentActive = peer.id === 4 || peer.id === 1;
  expect(isQuorumActive(peers, 3)).toBe(true);
});
