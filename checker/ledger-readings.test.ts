import { expect, test } from 'vitest';
import type { Op } from './history.ts';
import { LedgerJudge } from './ledger.ts';
import { LEDGER_F, type ReadingValue } from './ledger-ops.ts';

const CONTRACT = { accounts: 2, verificationBoundUs: 1_000_000, memoryMix: {} };

function reading(value: Partial<ReadingValue>, error = ''): Partial<Op> {
  const times = { invokedAtUs: 1_000_000, completedAtUs: 2_000_000 };
  const outcome = error === '' ? ('ok' as const) : ('fail' as const);
  return { ...times, outcome, value: { kind: 'join', quota: 65_536, ...value }, error };
}

/** What the check says of these readings. */
function said(readings: readonly Partial<Op>[]) {
  const judge = new LedgerJudge(CONTRACT);
  for (const [index, op] of readings.entries()) {
    judge.observe({ index, process: 9, f: LEDGER_F.reading, ...op } as Op);
  }
  const result = judge.conclude().find(({ name }) => name === 'ledger.same-answer');
  if (result === undefined) throw new Error('the check is missing');
  return result;
}

const SAME = reading({ answer: '(7)', unlimited: '(7)' });

test('an answer under a quota is the answer without one', () => {
  expect(said([SAME, reading({}, '8175 cancelled')])).toMatchObject({
    verdict: 'valid',
    note: '1 of 2 readings were answered and compared',
  });
});

test('another answer is wrong, and both are shown', () => {
  expect(said([SAME, reading({ answer: '(6)', unlimited: '(7)' })])).toMatchObject({
    verdict: 'invalid',
    cause:
      'join under a quota of 65536 bytes answered (6), and without one (7), at the same ' +
      'snapshot, at 00:00:02.000 (operation 1)',
    ops: [1],
  });
});

test('where nothing was answered nothing is known', () => {
  expect(said([reading({}, '8175 cancelled')])).toMatchObject({
    verdict: 'unknown',
    cause: 'none of 1 readings was answered: 8175 cancelled',
  });
  expect(said([]).cause).toBe('the run ended before the first reading');
});

test('without readers there is no such check', () => {
  const judge = new LedgerJudge({ accounts: 2, verificationBoundUs: 1 });
  expect(judge.conclude().map(({ name }) => name)).not.toContain('ledger.same-answer');
});
