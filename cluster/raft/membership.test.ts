import { describe, expect, test } from 'vitest';
import { type ConfChange, type ConfState, changed, confOf, NO_MEMBERS } from './membership.ts';

const ENTER_1_TO_4: ConfChange = {
  kind: 'enter-joint',
  changes: [
    { kind: 'add-voter', id: 4 },
    { kind: 'add-learner', id: 1 },
  ],
  leave: 'explicit',
};
const LEAVE: ConfChange = { kind: 'leave-joint' };

describe('a simple change', () => {
  const cases: [title: string, before: ConfState, change: ConfChange, after: ConfState][] = [
    [
      'adds a learner',
      confOf([1, 2]),
      { kind: 'simple', change: { kind: 'add-learner', id: 3 } },
      confOf([1, 2], [3]),
    ],
    [
      'promotes a learner',
      confOf([1, 2], [3]),
      { kind: 'simple', change: { kind: 'add-voter', id: 3 } },
      confOf([1, 2, 3]),
    ],
    [
      'demotes a voter',
      confOf([1, 2, 3]),
      { kind: 'simple', change: { kind: 'add-learner', id: 2 } },
      confOf([1, 3], [2]),
    ],
    [
      'removes a voter or a learner',
      confOf([1, 2], [3]),
      { kind: 'simple', change: { kind: 'remove', id: 3 } },
      confOf([1, 2]),
    ],
  ];
  test.each(cases)('%s', (_, before, change, after) => {
    expect(changed(before, change)).toEqual(after);
  });

  test('does not remove the last voter', () => {
    const change: ConfChange = { kind: 'simple', change: { kind: 'remove', id: 1 } };
    expect(changed(confOf([1], [2]), change)).toBeUndefined();
  });
});

describe('a joint phase', () => {
  const joint: ConfState = {
    voters: [2, 3, 4],
    outgoing: [1, 2, 3],
    learners: [],
    learnersNext: [1],
    autoLeave: false,
  };

  test('lets the old voters vote beside the new ones; who is demoted is no learner yet', () => {
    expect(changed(confOf([1, 2, 3]), ENTER_1_TO_4)).toEqual(joint);
  });

  test('ends with the new voters, and with the learners that were announced', () => {
    expect(changed(joint, LEAVE)).toEqual(confOf([2, 3, 4], [1]));
  });

  test('does not begin within another one, nor does it end twice', () => {
    expect(changed(joint, ENTER_1_TO_4)).toBeUndefined();
    expect(changed(confOf([1, 2, 3]), LEAVE)).toBeUndefined();
    expect(changed(NO_MEMBERS, LEAVE)).toBeUndefined();
  });
});
