import { expect, test } from 'vitest';
import { SimulatedSql } from '../../testing/simulated-sql.ts';
import type { Session } from '../session.ts';

async function lockedRow(): Promise<{ sql: SimulatedSql; holder: Session; other: Session }> {
  const sql = new SimulatedSql();
  const holder = await sql.connect();
  const other = await sql.connect();
  await sql.execute(holder, 'CREATE TABLE t (id INT PRIMARY KEY, v INT)');
  await sql.execute(holder, 'INSERT INTO t VALUES (1, 1)');
  await sql.execute(holder, 'BEGIN');
  await sql.execute(holder, 'SELECT * FROM t WHERE id = 1 FOR UPDATE');
  return { sql, holder, other };
}

test.each(['', ' NOWAIT'])(
  'SELECT FOR UPDATE%s by itself locks nothing and waits for nobody',
  async (wait) => {
    const { sql, holder, other } = await lockedRow();
    const sinceUs = sql.nowUs;
    const { rows } = await sql.execute(other, `SELECT v FROM t WHERE id = 1 FOR UPDATE${wait}`);
    expect(rows).toEqual([[1]]);
    expect(sql.nowUs - sinceUs).toBeLessThan(1_000_000);
    await sql.execute(holder, 'COMMIT');
  },
);

test('without autocommit SELECT FOR UPDATE waits, and ends with 1205', async () => {
  const { sql, other } = await lockedRow();
  await sql.execute(other, 'SET innodb_lock_wait_timeout = 3, autocommit = 0');
  const sinceUs = sql.nowUs;
  await expect(sql.execute(other, 'SELECT v FROM t FOR UPDATE')).rejects.toMatchObject({
    code: 1205,
  });
  expect(sql.nowUs - sinceUs).toBeGreaterThanOrEqual(3_000_000);
});

test('an UPDATE by itself meets the lock when it commits, waits for long, then 9004', async () => {
  const { sql, other } = await lockedRow();
  await sql.execute(other, 'SET innodb_lock_wait_timeout = 3');
  const sinceUs = sql.nowUs;
  await expect(sql.execute(other, 'UPDATE t SET v = 2')).rejects.toMatchObject({ code: 9004 });
  expect(sql.nowUs - sinceUs).toBeGreaterThan(30_000_000);
});

test('an UPDATE by itself goes on when the lock is gone', async () => {
  const { sql, holder, other } = await lockedRow();
  const waiting = other.execute('UPDATE t SET v = v + 10');
  expect(await sql.settle(waiting, 5_000_000)).toBeUndefined();
  await sql.execute(holder, 'UPDATE t SET v = 5');
  await sql.execute(holder, 'COMMIT');
  expect(await sql.settle(waiting, 20_000_000)).toMatchObject({ affectedRows: 1 });
  expect((await sql.execute(other, 'SELECT v FROM t')).rows).toEqual([[15]]);
});
