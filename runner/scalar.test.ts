import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { formatScale, parseScale } from './scale.ts';
import { parseSeed } from './seed.ts';
import { nearMatches } from './suggest.ts';
import { TARGET } from './target.ts';

describe('a duration', () => {
  test.each([
    ['90s', 90_000_000],
    ['1h30m', 5_400_000_000],
    ['250ms', 250_000],
    ['250us', 250],
    ['0s', 0],
    ['1.5h', 5_400_000_000],
    ['1d', 86_400_000_000],
  ])('%s is %d µs', (text, us) => {
    expect(parseDuration(text)).toBe(us);
  });

  test.each([
    '',
    '90',
    '-5s',
    '1h 30m',
    'six hours',
    '5 s',
    '5parsecs',
    '1e3s',
    's',
    '99999999d9s0',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('is printed so that it reads back as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (us) => {
        expect(parseDuration(formatDuration(us))).toBe(us);
      }),
      { seed: 1 },
    );
  });
});

describe('a scale', () => {
  test.each([
    ['1', 1],
    ['1/1', 1],
    ['1/64', 64],
    ['1/1048576', 1_048_576],
  ])('%s is one %dth', (text, denominator) => {
    expect(parseScale(text)).toBe(denominator);
  });

  test.each(['0', '1/0', '3/4', '1/3', '64', '2', '-1', '1/-2', '0.5', '1/2097152', '1/', ''])(
    '%j is refused',
    (text) => {
      expect(parseScale(text)).toBeUndefined();
    },
  );

  test('is printed as it is written', () => {
    expect([formatScale(1), formatScale(64)]).toEqual(['1', '1/64']);
  });
});

describe('a seed', () => {
  test('keeps all of its 64 bits', () => {
    expect(parseSeed('18446744073709551615')).toBe('18446744073709551615');
    expect(parseSeed('9007199254740993')).toBe('9007199254740993');
    expect(parseSeed('0xffffffffffffffff')).toBe('18446744073709551615');
    expect(parseSeed('007')).toBe('7');
  });

  test.each(['18446744073709551616', '-1', '1.5', '1e3', 'abc', '', '0x'])('is not %j', (text) => {
    expect(parseSeed(text)).toBeUndefined();
  });
});

describe('a target', () => {
  test.each([
    'sim',
    'mysql://root@127.0.0.1:4000/test',
    'mysql://a:b@db.example',
    'processes:p.yaml',
  ])('may be %s', (text) => {
    expect(TARGET.parse(text)).toBe(text);
  });

  test.each([
    'mysql//root@h',
    'mysql:/root@h',
    'mysql://h',
    'mysq://root@h',
    'processes:',
    'simm',
    '',
  ])('is not %j', (text) => {
    expect(TARGET.parse(text)).toBeUndefined();
  });
});

describe('a suggestion', () => {
  const names = ['random_kill', 'kill_tikv_1node_5min', 'shuffle-leader-scheduler'];

  test('is made for what is mistyped, dashes and underscores being one', () => {
    expect(nearMatches('random-kil', names)).toEqual(['random_kill']);
    expect(nearMatches('shuffle_leader_scheduler', names)).toEqual(['shuffle-leader-scheduler']);
  });

  test('is not made for what is like nothing', () => {
    expect(nearMatches('earthquake', names)).toEqual([]);
  });
});
