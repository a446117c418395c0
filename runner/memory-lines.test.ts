import { describe, expect, test } from 'vitest';
import { fieldOf, firstEpisode, kindOf, runsOf } from './memory-lines.ts';
import { missingKinds } from './reproduce.ts';

/** Lines as TiDB writes them; the figures are those of issue 32624. */
const at = (time: string, rest: string): string => `[2022/02/23 01:${time} +00:00] ${rest}`;
const token = (time: string, left: number): string =>
  at(
    time,
    '[INFO] [coprocessor.go:1250] ["memory exceeds quota, destroy one token now."] ' +
      `[consumed=1375386592] [quota=1073741824] ["total token count"=15] ` +
      `["remaining token count"=${left}]`,
  );
const SLOW = '[INFO] [coprocessor.go:849] ["[TIME_COP_PROCESS] resp_time:1.4s region_id:2"]';
const LOG = [
  at('54:40.000', SLOW),
  at('54:41.000', '[INFO] [server.go:1] ["new connection"]'),
  token('54:48.857', 14),
  token('54:48.909', 13),
  at('54:49.000', SLOW),
  token('54:50.223', 2),
  at(
    '54:50.321',
    '[INFO] [coprocessor.go:1236] ["memory exceeds quota, rateLimitAction delegate to fallback ' +
      'action"] ["total token count"=15]',
  ),
  at(
    '54:50.321',
    '[INFO] [row_container.go:367] ["memory exceeds quota, spill to disk now."] ' +
      '[consumed=1102463887] [quota=1073741824]',
  ),
  at('54:52.268', SLOW),
  at(
    '54:52.268',
    '[WARN] [expensivequery.go:179] [expensive_query] [cost_time=287.004s] [conn_id=921] ' +
      '[mem_max="1385689313 Bytes (1.29 GB)"] [sql="select sum(balance)"]',
  ),
  at(
    '54:52.268',
    '[ERROR] [coprocessor.go:660] ["copIteratorWork meet panic"] ' +
      '[r="\\"Out Of Memory Quota![conn_id=921]\\""] ["stack trace"="a\\n\\tb"]',
  ),
  at('54:52.284', '[INFO] [conn.go:1119] ["command dispatched failed"] [conn=921]'),
  token('58:00.000', 15),
];

describe('the lines of a breach', () => {
  test('are told apart by what TiDB says in them', () => {
    expect(LOG.map(kindOf)).toEqual([
      ...['cop-process', undefined, 'destroy-token', 'destroy-token', 'cop-process'],
      ...['destroy-token', 'delegate', 'spill-rows', 'cop-process', 'expensive', 'panic'],
      ...['failed', 'destroy-token'],
    ]);
  });

  test('begin with the first action and end with the statement', () => {
    const episode = firstEpisode(LOG);
    expect(episode[0]).toBe(LOG[2]);
    expect(episode.at(-1)).toBe(LOG[11]);
    expect(firstEpisode(LOG.slice(0, 2))).toEqual([]);
  });

  test('end with the last action of a statement that comes through', () => {
    const episode = firstEpisode([
      ...LOG.slice(2, 8),
      at('54:59.000', SLOW),
      token('58:00.000', 15),
    ]);
    expect(episode.at(-1)).toBe(LOG[7]);
  });

  test('are read as runs of one kind, with the figures that matter', () => {
    const runs = runsOf(firstEpisode(LOG));
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
