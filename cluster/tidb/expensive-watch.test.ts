import { expect, test } from 'vitest';
import { SimulatedSql } from '../../testing/simulated-sql.ts';

test.each([
  ['v6.5.0', 1],
  ['v8.5.0', 2],
] as const)('a statement that takes 130 s is told of in %s: %i times', async (profile, times) => {
  const sql = new SimulatedSql(profile);
  const holder = await sql.connect();
  const waiter = await sql.connect();
  await sql.execute(holder, 'CREATE TABLE t (id INT PRIMARY KEY, v INT)');
  await sql.execute(holder, 'INSERT INTO t VALUES (1, 1)');
  await sql.execute(holder, 'BEGIN');
  await sql.execute(holder, 'UPDATE t SET v = 2');
  await sql.execute(waiter, 'SET innodb_lock_wait_timeout = 1000');
  await sql.execute(waiter, 'BEGIN');
  const waiting = waiter.execute('UPDATE t SET v = 3');
  sql.logs();
  expect(await sql.settle(waiting, 130_000_000)).toBeUndefined();
  await sql.execute(holder, 'COMMIT');
  await sql.settle(waiting, 10_000_000);
  const told = sql.logs().filter((line) => line.includes('[expensive_query]'));
  expect(told).toHaveLength(times);
  expect(told[0]).toMatch(/\[cost_time=60[.\d]*s\] .*\[sql="UPDATE t SET v = 3"\]/);
});
