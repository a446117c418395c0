/** A line of TiDB's log at minute and second of an hour. */
export const at = (time: string, rest: string): string => `[2022/02/23 01:${time} +00:00] ${rest}`;
/** A reader's token is destroyed, with so many left. */
export const token = (time: string, left: number): string =>
  at(
    time,
    '[INFO] [coprocessor.go:1250] ["memory exceeds quota, destroy one token now."] ' +
      `[consumed=1375386592] [quota=1073741824] ["total token count"=15] ` +
      `["remaining token count"=${left}]`,
  );
/** A slow read. */
export const SLOW = '[INFO] [coprocessor.go:849] ["[TIME_COP_PROCESS] resp_time:1.4s region_id:2"]';
/**
 * A TiDB node's log around a breach, in TiDB's words; the figures are those of issue 32624. What
 * comes after the gap of minutes is another statement's.
 */
export const BREACH_LOG: readonly string[] = [
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
