import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { playScript } from '../../testing/golden-script.ts';
import { RaftScript } from '../../testing/raft-script.ts';
import { RAFT_BUGS, type RaftBug } from './index.ts';

/** For each defect the script that shows the rule it breaks. */
const SHOWN_BY: Readonly<Record<RaftBug, string>> = {
  'commit-old-term-by-count': 'commit-figure-8',
  'vote-not-persisted-before-reply': 'vote-waits-for-disk',
  'vote-twice-per-term': 'vote-once-per-term',
  'vote-ignores-log': 'election-complete-log',
  'vote-ignores-lease': 'check-quorum-loyal-followers',
  'uninitialised-peer-forgets-vote': 'vote-uninitialised',
  'ack-before-persist': 'disk-slow-follower',
  'leader-counts-itself-before-persist': 'disk-slow-leader',
  'apply-before-persist': 'disk-slow-leader',
  'skip-log-matching-check': 'append-matching',
  'stale-append-truncates-committed': 'append-stale',
  'stale-snapshot-rolls-back': 'snapshot-stale',
  'read-index-without-quorum': 'read-index-stale-leader',
  'new-leader-reads-before-own-term-commit': 'read-index-new-leader',
  'single-step-joint': 'member-joint-disjoint',
  'conf-change-while-pending': 'member-one-at-a-time',
  'pre-vote-bumps-term': 'pre-vote-changes-nothing',
  'late-good-night': 'hibernate-late-good-night',
};

/** What the script prints with the defect; where it even stops, why. */
async function playWith(bug: RaftBug, script: string): Promise<string> {
  try {
    return await playScript(script, new RaftScript([bug]));
  } catch (error) {
    return String(error);
  }
}

describe('a seeded defect changes what its script prints', () => {
  test.each(Object.keys(RAFT_BUGS) as RaftBug[])('%s', async (bug) => {
    const path = new URL(`testdata/${SHOWN_BY[bug]}.txt`, import.meta.url);
    const script = readFileSync(fileURLToPath(path), 'utf8');
    expect(await playWith(bug, script)).not.toBe(script);
  });
});
