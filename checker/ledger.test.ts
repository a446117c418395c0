import { describe, expect, it } from 'vitest';
import { judgeScript } from '../testing/ledger-notation.ts';
import { LEDGER_CHECKS } from './ledger.ts';

/** Two accounts, three postings, everything asked and answered as it should be. */
const SOUND = `
  verify 0
  g1 ok 1+5 2-5
  g2 ok 2+7 1-7
  g3 ok 1+0 2-0
  verify 0
  admin ok
  progress worker-0 ok
  progress verifier ok`;

/** What the named check says of the sound history with these lines after it. */
function amended(check: string, lines: string) {
  const result = judgeScript(2, `${SOUND}\n${lines}`).get(check);
  if (result === undefined) throw new Error(`no check ${check}`);
  return result;
}

/** Check, lines that must not disturb it, lines that must, and what it then says. */
const PAIRS: readonly (readonly [string, string, string, RegExp])[] = [
  ['ledger.total-zero', 'verify 0', 'verify 5', /summed to 5, not 0, at 00:00:09\.000/],
  ['ledger.total-zero', 'verify ! 9005 x', 'verify 5 scan 5', /scan .* agrees: the data is wrong/],
  ['ledger.total-zero', 'verify 0', 'verify 5 scan 0', /gives 0: the query's answer is wrong/],
  ['ledger.final-total', 'g4 ok 1+5 2-5', 'row 1#3 g9 +5 =3', /sum to 3, not 0; .* answered 0/],
  [
    'ledger.causality-unique',
    'g4 ok 1+5#4 2-5',
    'g4 ok 1+5#3 2-5',
    /acc1 has causality id 3 twice: group 3, .* at 00:00:04\.000 as operation 3; and group 4/,
  ],
  [
    'ledger.causality-contiguous',
    'g4 ok 1+5 2-5',
    'g4 ok 1+5#5 2-5',
    /acc1 has causality id 5 where 4 is missing \(group 4/,
  ],
  ['ledger.causality-contiguous', '', 'drop 2 g1000002', /acc2 has causality id 1 where 0 is miss/],
  [
    'ledger.balance-chain',
    'g4 ok 1+5 2-5',
    'set 1 g2 balance 9',
    /acc1: balance 9 at causality id 2 is not 5 \+ -7 \(group 2/,
  ],
  ['ledger.balance-chain', '', 'set 1 g1000001 balance 2', /balance 2 at causality id 0 is not 0/],
  ['ledger.posting-pairs', 'g4 info 1+5 2-5 seen', 'drop 1 g3', /group 3, .*: 1 row where two/],
  ['ledger.posting-pairs', '', 'set 1 g3 amount 4', /acc1 #3 \+4 and acc2 #3 \+0/],
  ['ledger.posting-pairs', '', 'row 1#4 g3 +5 =3\nrow 2#4 g3 -5 =-3', /group 3, .*: 4 rows where/],
  [
    'ledger.acked-present',
    'g4 info 1+5 2-5',
    'g4 ok 1+5 2-5 lost',
    /is not in the table: asked acc1/,
  ],
  ['ledger.acked-present', 'g4 fail 1+5 2-5', 'set 1 g3 cid 9', /is in the table with other rows/],
  [
    'ledger.no-phantom',
    'g4 info 1+5 2-5 seen',
    'g4 fail 1+5 2-5 seen',
    /a posting that failed is in the table: group 4, failed at 00:00:09\.000 as operation 8: acc1/,
  ],
  ['ledger.no-phantom', '', 'row 1#4 g9 +5 =3', /rows of nobody: group 9, acc1 #4 \+5/],
  ['ledger.no-phantom', '', 'row 3#0 g9 +0 =0', /rows of nobody: group 9, acc3 #0 \+0/],
  ['ledger.no-phantom', '', 'set 1 g2 amount -6', /rows other than asked for: group 2/],
  ['ledger.index-matches-record', '', 'admin ! 8223 data inconsistency', /differ: 8223 data/],
  [
    'progress.after-heal',
    'progress worker-1 ok',
    'progress worker-1 ! 1205 Lock wait',
    /no progress after heal: worker-1 did not succeed within 1 s .* 1205 Lock wait/,
  ],
];

/** Check, lines under which it can say nothing, and why. */
const UNSURE: readonly (readonly [string, string, RegExp])[] = [
  [
    'ledger.verification-rate',
    'after 601\nverify 0',
    /no verification succeeded for more than 600 s/,
  ],
  ['ledger.verification-rate', 'verify ! 9005 x\nafter 700\ng4 info 1+1 2-1', /error was: 9005 x/],
  ['ledger.index-matches-record', 'admin ! 9002 TiKV server timeout', /could not run: 9002/],
  [
    'progress.after-heal',
    'progress verifier ! 8175 quota',
    /verifier did not succeed .* 8175 quota/,
  ],
  ['ledger.final-total', 'no table', /the table was not read at the end/],
];

describe('the ledger contract', () => {
  it('finds nothing wrong with a sound history', () => {
    const results = judgeScript(2, SOUND);
    expect([...results.keys()]).toEqual(LEDGER_CHECKS);
    expect([...results.values()].filter((result) => result.verdict !== 'valid')).toEqual([]);
  });

  it.each(PAIRS)('%s lets pass "%s" and catches "%s"', (check, harmless, harmful, cause) => {
    expect(amended(check, harmless)).toMatchObject({ verdict: 'valid', cause: '' });
    const caught = amended(check, harmful);
    expect(caught.verdict).toBe('invalid');
    expect(caught.cause).toMatch(cause);
  });

  it.each(UNSURE)('%s says unknown after "%s"', (check, lines, cause) => {
    const result = amended(check, lines);
    expect(result.verdict).toBe('unknown');
    expect(result.cause).toMatch(cause);
  });

  it('says unknown to everything when there is nothing to check', () => {
    for (const result of judgeScript(2, 'no table').values()) {
      expect(result).toMatchObject({ verdict: 'unknown' });
      expect(result.cause).not.toBe('');
    }
  });

  it('points at the operations behind a violation and at its virtual time', () => {
    const result = amended('ledger.causality-unique', 'g4 ok 1+5#3 2-5');
    expect(result).toMatchObject({ ops: [3, 8], atUs: 9_000_000 });
  });

  it('speaks of the earliest violation and counts the others', () => {
    const result = amended('ledger.acked-present', 'g4 ok 1+1 2-1 lost\ng5 ok 1+2 2-2 lost');
    expect(result.cause).toMatch(/as operation 8 .*\(and 1 more\)$/);
  });

  it('sees a lost update on an empty account that the sum cannot see', () => {
    const results = judgeScript(2, 'g1 ok 1+5 2-5\ng2 ok 1+3#1 2-3\nverify 0');
    expect(results.get('ledger.total-zero')?.verdict).toBe('valid');
    expect(results.get('ledger.final-total')?.verdict).toBe('valid');
    expect(results.get('ledger.causality-unique')?.verdict).toBe('invalid');
  });
});
