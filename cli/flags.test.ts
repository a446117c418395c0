import { describe, expect, test } from 'vitest';
import { withDoubleDashes } from './flags.ts';
import { parseSettings } from './parse-settings.ts';

describe('flags in tipocket’s spelling', () => {
  test('get their second dash, with a value or without', () => {
    expect(withDoubleDashes(['run', 'ledger', '-run-time=6h', '-tikv-replicas', '4'])).toEqual([
      'run',
      'ledger',
      '--run-time=6h',
      '--tikv-replicas',
      '4',
    ]);
    expect(withDoubleDashes(['-nemesis=random_kill,-x', '-json'])).toEqual([
      '--nemesis=random_kill,-x',
      '--json',
    ]);
  });

  test('of one letter, negative numbers and what follows -- stay as they are', () => {
    const args = ['-h', '-V', '--json', '-5', '-', '--', '-run-time=6h'];
    expect(withDoubleDashes(args)).toEqual(args);
  });
});

describe('settings from flags', () => {
  test('are read as the table of settings says', () => {
    const flags = { runTime: '6h', nemesis: 'random_kill, none', tikvReplicas: '4', seed: '0x10' };
    expect(parseSettings(flags)).toEqual({
      runTimeUs: 21_600_000_000,
      nemeses: ['random_kill', 'none'],
      tikv: 4,
      seed: '16',
    });
  });

  test.each([
    ['scale', '0', '--scale: expected 1 or 1/N with N a power of two, such as 1/64, got "0"'],
    ['runTime', '10', '--run-time: expected a duration such as 90s, 1h30m or 250ms, got "10"'],
    ['runTime', '0s', '--run-time: expected a duration such as 90s, 1h30m or 250ms, got "0s"'],
    ['pdReplicas', '0', '--pd-replicas: expected a whole number from 1 to 64, got "0"'],
    ['txnMode', 'hopeful', '--txn-mode: expected one of pessimistic, optimistic, got "hopeful"'],
  ])('--%s %s is refused', (flag, value, message) => {
    expect(() => parseSettings({ [flag]: value })).toThrow(message);
  });
});
