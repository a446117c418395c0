import { describe, expect, test } from 'vitest';
import { at, BREACH_LOG as LOG, SLOW, token } from '../testing/sample-breach.ts';
import { breachIn } from './breach-episode.ts';
import { fieldOf, kindOf, runsOf } from './memory-lines.ts';
import { missingKinds } from './reproduce.ts';

describe('the lines of a breach', () => {
  test('are told apart by what TiDB says in them', () => {
    expect(LOG.map(kindOf)).toEqual([
      ...['cop-process', undefined, 'destroy-token', 'destroy-token', 'cop-process'],
      ...['destroy-token', 'delegate', 'spill-rows', 'cop-process', 'expensive', 'panic'],
      ...['failed', 'destroy-token'],
    ]);
  });

  test('begin with the first action and end with the statement', () => {
    const episode = breachIn(LOG);
    expect(episode[0]).toBe(LOG[2]);
    expect(episode.at(-1)).toBe(LOG[11]);
    expect(breachIn(LOG.slice(0, 2))).toEqual([]);
  });

  test('end with the last action of a statement that comes through', () => {
    const episode = breachIn([...LOG.slice(2, 8), at('54:59.000', SLOW), token('58:00.000', 15)]);
    expect(episode.at(-1)).toBe(LOG[7]);
  });

  test('are those of the first statement that ends by a panic, not of shallow ones before', () => {
    const shallow = [token('54:10.000', 14), token('54:11.000', 13), at('54:12.000', SLOW)];
    const episode = breachIn([...shallow, ...LOG]);
    expect(episode).toEqual(breachIn(LOG));
    const spilled = [...LOG.slice(2, 8), token('54:51.000', 15), token('54:51.100', 14)];
    expect(breachIn(spilled)).toEqual(LOG.slice(2, 8));
  });

  test('are read as runs of one kind, with the figures that matter', () => {
    const runs = runsOf(breachIn(LOG));
    expect(runs.map(({ kind, count, detail }) => `${kind} ${count} ${detail}`.trim())).toEqual([
      'destroy-token 2 14 … 13 of 15 left',
      'cop-process 1',
      'destroy-token 1 2 … 2 of 15 left',
      'delegate 1',
      'spill-rows 1 at 1.03 × quota',
      'cop-process 1',
      'expensive 1 mem_max 1.29 GB',
      'panic 1 Out Of Memory Quota![conn_id=921]',
      'failed 1',
    ]);
  });

  test('have fields whose values are quoted or bare', () => {
    expect(fieldOf(LOG[2] as string, 'remaining token count')).toBe('14');
    expect(fieldOf(LOG[9] as string, 'sql')).toBe('select sum(balance)');
    expect(fieldOf(LOG[9] as string, 'user')).toBeUndefined();
  });
});

test('a log has the lines of the issue if they come in its order, whatever is in between', () => {
  expect(missingKinds(runsOf(LOG))).toEqual([]);
  const swapped = [...runsOf(LOG)].reverse();
  expect(missingKinds(swapped)).toEqual([
    'spill-rows',
    'cop-process',
    'expensive',
    'panic',
    'failed',
  ]);
});
