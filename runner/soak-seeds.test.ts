import { expect, test } from 'vitest';
import { SEED_RANGE } from './soak-seeds.ts';

test.each([
  ['7', ['7']],
  ['1..4', ['1', '2', '3', '4']],
  ['8..9, 1..2,8', ['8', '9', '1', '2']],
  ['18446744073709551614..18446744073709551615', ['18446744073709551614', '18446744073709551615']],
  ['0x10', ['16']],
])('seeds %s', (text, seeds) => {
  expect(SEED_RANGE.parse(text)).toEqual(seeds);
});

test.each(['', '5..1', '1..', '..5', '1...5', '1-5', 'all', '1..2..3', '18446744073709551616'])(
  '%j are no seeds',
  (text) => {
    expect(SEED_RANGE.parse(text)).toBeUndefined();
  },
);

test('more than a million are refused before they are counted out', () => {
  expect(SEED_RANGE.parse('1..1000000')).toHaveLength(1_000_000);
  expect(SEED_RANGE.parse('0..18446744073709551615')).toBeUndefined();
  expect(SEED_RANGE.parse('1..600000,700000..1200000')).toBeUndefined();
});
