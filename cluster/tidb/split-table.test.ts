import { expect, test } from 'vitest';
import { SimulatedSql } from '../../testing/simulated-sql.ts';

test('SPLIT TABLE makes more regions than PD has ids for at once', async () => {
  const cluster = new SimulatedSql();
  const session = await cluster.connect();
  await cluster.execute(session, 'CREATE TABLE t (id BIGINT PRIMARY KEY)');
  const points = Array.from({ length: 600 }, (_, i) => `(${(i + 1) * 10})`).join(', ');
  const { rows } = await cluster.execute(session, `SPLIT TABLE t BY ${points}`);
  expect(rows[0]?.[0]).toBe(600);
});

test('SPLIT TABLE refuses steps that leave regions without room for handles', async () => {
  const cluster = new SimulatedSql();
  const session = await cluster.connect();
  await cluster.execute(session, 'CREATE TABLE t (id BIGINT PRIMARY KEY)');
  const split = 'SPLIT TABLE t BETWEEN (0) AND (1000) REGIONS 10';
  await expect(cluster.execute(session, split)).rejects.toMatchObject({ code: 8212 });
  const fine = await cluster.execute(session, 'SPLIT TABLE t BETWEEN (0) AND (90000) REGIONS 9');
  expect(fine.rows[0]?.[0]).toBe(8);
});
