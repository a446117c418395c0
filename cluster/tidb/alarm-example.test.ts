import { expect, test } from 'vitest';
import { fieldOf } from '../../runner/memory-lines.ts';
import { SimulatedSql } from '../../testing/simulated-sql.ts';

/**
 * The second example of TiDB's document on memory control, as it is written there but for its size:
 * a table joined with itself twice, all of it sorted, until the node's memory reaches the alarm. 80
 * rows instead of 1,000 make a 2,000th of its 10^9 rows; the node has a 2,048th of its memory.
 */
const ROWS = 80;
const SCALE = 2048;
const QUOTA = 34_359_738_368 / SCALE;
const ALARM = 'tidb-server has the risk of OOM';
/** What later versions have as variables; and their limit would end the statement. */
const LATER = [
  'SET GLOBAL tidb_memory_usage_alarm_ratio = 0.8',
  'SET GLOBAL tidb_server_memory_limit = 0',
];

test.each([
  ['v5.5.0-nightly', []],
  ['v6.5.0', LATER],
  ['v8.5.0', LATER],
] as const)('on %s the sort of all rows raises the alarm, and ends', async (profile, sets) => {
  const cluster = new SimulatedSql(profile, SCALE);
  const session = await cluster.connect();
  const values = Array.from({ length: ROWS }, (_, i) => `(${(i * 37) % ROWS})`).join(', ');
  for (const sql of [
    ...sets,
    'CREATE TABLE t (a int)',
    `INSERT INTO t VALUES ${values}`,
    `SET tidb_mem_quota_query = ${QUOTA}`,
  ]) {
    await cluster.execute(session, sql);
  }
  const sql = 'select * from t t1 join t t2 join t t3 order by t1.a';
  const { rows } = await cluster.execute(session, sql);
  expect(rows).toHaveLength(ROWS ** 3);
  expect(rows.every(([first], i) => first === Math.floor(i / ROWS ** 2))).toBe(true);
  const [alarm = '', ...more] = cluster.logs().filter((line) => line.includes(ALARM));
  // Later versions raise it again, for each tenth by which it grows.
  expect(more.every((line) => line.includes('memory usage grows too fast'))).toBe(true);
  expect(more.length > 0).toBe(profile !== 'v5.5.0-nightly');
  expect(fieldOf(alarm, 'memory-usage-alarm-ratio')).toBe('0.8');
  expect(Number(fieldOf(alarm, 'tidb-server memory usage'))).toBeGreaterThan(
    (0.8 * 2 ** 34) / SCALE,
  );
  expect(fieldOf(alarm, 'system memory total')).toBe(String(2 ** 34 / SCALE));
});
