import { describe, expect, test } from 'vitest';
import { signatureOf } from './soak-signature.ts';

/** Pairs of causes that two seeds might give for the same defect. */
const SAME: readonly (readonly [string, string])[] = [
  [
    'the last balances summed to -298, not 0, at 00:00:09.436 (operation 97)',
    'the last balances summed to 17, not 0, at 01:12:35.310 (operation 21)',
  ],
  ['interrupted in the safety phase, at 1m3s', 'interrupted in the safety phase, at 2h4s500ms'],
  ['kill tikv-0 at 1m3s: not dead', 'kill tikv-3 at 40s: not dead'],
  ['acc17 has no row', 'acc1452 has no row'],
  ['accounts 3, 17, 22 have two rows', 'accounts 3, 17 have two rows'],
  ['3 gaps (and 12 more)', '1 gaps'],
  ['start_ts 434578654321 is not below', 'start_ts 9 is not below'],
  ['TypeError at file:///home/a/dist/cluster/x.js:12:3', 'TypeError at /b/cluster/x.js:120:31'],
  ['hash 83695f7a0957b3c5 is another', 'hash 60d55029ed47647d is another'],
];

describe('the signature of a failure', () => {
  test.each(SAME)('is the same for "%s" and "%s"', (one, other) => {
    expect(signatureOf('a.check', one)).toBe(signatureOf('a.check', other));
  });

  test('tells checks, nodes of another kind and other words apart', () => {
    const all = [
      signatureOf('a.check', 'kill tikv-0: not dead'),
      signatureOf('b.check', 'kill tikv-0: not dead'),
      signatureOf('a.check', 'kill pd-0: not dead'),
      signatureOf('a.check', 'kill tikv-0: not alive'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('reads like the cause', () => {
    expect(
      signatureOf('ledger.total-zero', 'the balances summed to -298, not 0, at 00:00:09.4'),
    ).toBe('ledger.total-zero: the balances summed to N, not N, at T');
  });

  test('is a name, however long the cause', () => {
    expect(signatureOf('a.check', 'word '.repeat(1000)).length).toBeLessThan(200);
  });
});
