import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeScript } from '../testing/ledger-notation.ts';
import type { Op } from './history.ts';
import { LedgerJudge } from './ledger.ts';
import { LEDGER_F, type ReadValue } from './ledger-ops.ts';

const ACCOUNTS = 4;
const RUNS = { seed: 32624, numRuns: 150 };

/** A posting that any outcome may befall; `g` plus its position is its group. */
const posting = fc.record({
  a: fc.integer({ min: 1, max: ACCOUNTS }),
  shift: fc.integer({ min: 1, max: ACCOUNTS - 1 }),
  amount: fc.integer({ min: 0, max: 99 }),
  fate: fc.constantFrom('ok', 'ok', 'ok', 'fail', 'info', 'seen'),
});

type Posting = typeof posting extends fc.Arbitrary<infer T> ? T : never;

/**
 * At least one acknowledged posting of a positive amount, so that there is something to corrupt.
 */
const histories = fc
  .array(posting, { minLength: 1, maxLength: 30 })
  .map((postings): readonly Posting[] => [...postings, { a: 1, shift: 1, amount: 7, fate: 'ok' }]);

function otherOf({ a, shift }: Posting): number {
  return ((a - 1 + shift) % ACCOUNTS) + 1;
}

function lineOf(posting: Posting, group: number): string {
  const { a, amount, fate } = posting;
  const outcome = fate === 'seen' ? 'info' : fate;
  const sides = `${a}+${amount} ${otherOf(posting)}-${amount}`;
  return `g${group} ${outcome} ${sides}${fate === 'seen' ? ' seen' : ''}`;
}

function judgeAll(postings: readonly Posting[], corruption: string) {
  const lines = postings.map((posting, i) => lineOf(posting, i + 1));
  const tail = 'verify 0\nadmin ok\nprogress worker-0 ok';
  return judgeScript(ACCOUNTS, `verify 0\n${lines.join('\n')}\n${tail}\n${corruption}`);
}

/** What may be done to the visible posting with group `g`, and the check that must see it. */
const CORRUPTIONS: readonly (readonly [string, string, (p: Posting, g: number) => string])[] = [
  ['a lost row', 'ledger.posting-pairs', (p, g) => `drop ${p.a} g${g}`],
  [
    'a lost posting',
    'ledger.acked-present',
    (p, g) => `drop ${p.a} g${g}\ndrop ${otherOf(p)} g${g}`,
  ],
  ['a wrong balance', 'ledger.balance-chain', (p, g) => `set ${p.a} g${g} balance 123456`],
  ['a wrong amount', 'ledger.posting-pairs', (p, g) => `set ${p.a} g${g} amount 777`],
  ['a leap in a chain', 'ledger.causality-contiguous', (p, g) => `set ${p.a} g${g} cid 4000`],
  ['a row written twice', 'ledger.causality-unique', (p) => `row ${p.a}#0 g777 +0 =0`],
  ['a third row', 'ledger.acked-present', (_, g) => `row 2#99 g${g} +0 =0`],
  ['rows of nobody', 'ledger.no-phantom', () => 'row 1#98 g777 +3 =3\nrow 2#98 g777 -3 =-3'],
  ['money from nowhere', 'ledger.final-total', (p, g) => `set ${p.a} g${g} balance 123456`],
];

describe('the ledger contract, by law', () => {
  it('calls every history valid that a sound ledger can leave', () => {
    fc.assert(
      fc.property(histories, (postings) => {
        const bad = [...judgeAll(postings, '').values()].filter((r) => r.verdict !== 'valid');
        expect(bad).toEqual([]);
      }),
      RUNS,
    );
  });

  it.each(CORRUPTIONS)('catches %s by %s', (_, check, corrupt) => {
    fc.assert(
      fc.property(histories, (postings) => {
        const group = postings.length;
        const corruption = corrupt(postings[group - 1] as Posting, group);
        expect(judgeAll(postings, corruption).get(check)?.verdict).toBe('invalid');
      }),
      RUNS,
    );
  });

  it('catches an acknowledged posting that was reported as failed', () => {
    fc.assert(
      fc.property(histories, (postings) => {
        const group = postings.length;
        const last = postings[group - 1] as Posting;
        const before = postings.slice(0, -1);
        const lie = lineOf(last, group).replace(' ok ', ' fail ');
        const results = judgeAll(before, `${lie} seen`);
        expect(results.get('ledger.no-phantom')?.verdict).toBe('invalid');
      }),
      RUNS,
    );
  });
});

describe('the ledger judge', () => {
  it('takes only the last reading of the table, and none that broke off', () => {
    const slice = (attempt: number, account: number, last: boolean): ReadValue => ({
      ...{ attempt, last, accounts: [account], groups: [String(account)] },
      ...{ cids: [0], amounts: [0], balances: [0] },
    });
    const contiguous = (values: readonly ReadValue[]) => {
      const judge = new LedgerJudge({ accounts: 2, verificationBoundUs: 1 });
      for (const [index, value] of values.entries()) judge.observe(readOp(index, value));
      return judge.conclude().find(({ name }) => name === 'ledger.causality-contiguous')?.verdict;
    };
    expect(contiguous([slice(1, 1, false), slice(2, 1, false), slice(2, 2, true)])).toBe('valid');
    expect(contiguous([slice(1, 1, false), slice(2, 1, false)])).toBe('unknown');
    expect(contiguous([slice(1, 1, true)])).toBe('invalid');
  });

  it('says unknown, not valid, about a history it cannot read', () => {
    const judge = new LedgerJudge({ accounts: 2, verificationBoundUs: 1 });
    judge.observe({ ...readOp(7, {}), f: LEDGER_F.transfer });
    for (const { verdict, cause } of judge.conclude()) {
      expect(verdict).toBe('unknown');
      expect(cause).toMatch(/operation 7 \(transfer\) cannot be read/);
    }
  });
});

function readOp(index: number, value: unknown): Op {
  const times = { invokedAtUs: index, completedAtUs: index + 1 };
  return { index, process: 0, f: LEDGER_F.read, outcome: 'ok', value, ...times };
}
