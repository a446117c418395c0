import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { playChaos } from '../../testing/raft-chaos.ts';
import { chaosSetting, chaosSteps } from '../../testing/raft-chaos-arbitrary.ts';
import type { RaftBug } from './index.ts';

const SEED = 20260101;

describe('under random schedules of loss, delay, crashes and membership changes', () => {
  test('a group keeps the promises of Raft, and makes progress once it is healed', () => {
    const kept = fc.property(chaosSetting, chaosSteps, (setting, steps) => {
      expect(playChaos(setting, steps)).toEqual([]);
    });
    fc.assert(kept, { seed: SEED, numRuns: 600 });
  });

  /** Defects that do harm often enough to be met by chance; the scripts notice the others. */
  test.each<RaftBug>([
    'vote-twice-per-term',
    'vote-ignores-log',
    'vote-not-persisted-before-reply',
    'ack-before-persist',
    'leader-counts-itself-before-persist',
    'apply-before-persist',
    'skip-log-matching-check',
    'stale-append-truncates-committed',
    'conf-change-while-pending',
  ])('the defect %s is noticed', (bug) => {
    const kept = fc.property(chaosSetting, chaosSteps, (setting, steps) => {
      return playChaos(setting, steps, [bug]).length === 0;
    });
    const { failed } = fc.check(kept, { seed: SEED, numRuns: 2000, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
