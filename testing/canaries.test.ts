/**
 * Canaries: each seeded defect must be seen, by the check it is listed with. A harness whose checks
 * cannot fail proves nothing; these are its track record.
 */
import { describe, expect, test } from 'vitest';
import { BUGS, type BugName } from '../cluster/bugs.ts';
import type { Plan } from '../nemesis/plan.ts';
import { drain } from '../runner/run.ts';
import type { Settings } from '../runner/settings.ts';
import { runInMemory } from './run-in-memory.ts';

const SECOND_US = 1_000_000;

/** Few accounts, so that postings meet all the time. */
const HOT: Settings = {
  preset: 'hot',
  scaleDenominator: 1,
  accounts: 20,
  concurrency: 20,
  runTimeUs: 8 * SECOND_US,
  nemeses: [],
};

/** One store, killed under full load for longer than a commit is retried. */
const KILLED: Settings = {
  preset: 'hot',
  scaleDenominator: 1,
  accounts: 1000,
  concurrency: 60,
  runTimeUs: 97 * SECOND_US,
  nemeses: [],
  ...{ tidb: 1, tikv: 1, pd: 1 },
};

const KILL: Plan = {
  faults: [
    {
      ...{ atUs: SECOND_US, untilUs: 96 * SECOND_US },
      ...{ nemesis: 'random_kill', fault: 'kill', target: 'tikv-0', parameters: {} },
    },
  ],
};

interface Canary {
  readonly settings: Settings;
  readonly plan?: Plan;
  readonly seed: string;
  /** The check that sees it. */
  readonly check: string;
}

/**
 * Defects that only faults of a chapter's own making bring out are caught by that chapter's tests.
 */
const CANARIES: Readonly<Partial<Record<BugName, Canary>>> = {
  'txn.lockRecordDropped': { settings: HOT, seed: '1', check: 'ledger.causality-unique' },
  'txn.conflictCheckIgnoresLockType': {
    settings: HOT,
    seed: '1',
    check: 'ledger.causality-unique',
  },
  'txn.staleForUpdateTs': { settings: HOT, seed: '1', check: 'ledger.causality-unique' },
  'client.undeterminedAsFail': {
    settings: KILLED,
    plan: KILL,
    seed: '2',
    check: 'ledger.no-phantom',
  },
  'client.undeterminedAsSuccess': {
    settings: KILLED,
    plan: KILL,
    seed: '2',
    check: 'ledger.acked-present',
  },
  'sql.limitBeforeOrder': { settings: HOT, seed: '1', check: 'ledger.causality-unique' },
};

describe('every seeded defect is seen by the check it is listed with', () => {
  for (const [bug, canary] of Object.entries(CANARIES)) {
    const { settings, plan, seed, check } = canary;
    test(`${bug} (${BUGS[bug as BugName]}): ${check}`, async () => {
      const { result } = await runInMemory({ ...settings, seed, bugs: [bug] }, drain, plan);
      const invalid = result.checks.filter(({ verdict }) => verdict === 'invalid');
      expect(invalid.map(({ name }) => name)).toContain(check);
    });
  }
});

describe('without a defect the same runs are valid', () => {
  const runs = { hot: { settings: HOT }, killed: { settings: KILLED, plan: KILL } };
  for (const [name, { settings, plan }] of Object.entries<Omit<Canary, 'seed' | 'check'>>(runs)) {
    test(name, async () => {
      const { result } = await runInMemory({ ...settings, seed: '2' }, drain, plan);
      expect(result.checks.filter(({ verdict }) => verdict === 'invalid')).toEqual([]);
    });
  }
});
