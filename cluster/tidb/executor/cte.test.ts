import { expect, test } from 'vitest';
import { SimulatedSql } from '../../../testing/simulated-sql.ts';
import { SqlError } from '../../errors.ts';

const COUNT = 'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 40)';

test('EXPLAIN ANALYZE counts the rows of a recursive table, and what it held', async () => {
  const sql = new SimulatedSql();
  const session = await sql.connect();
  const { columns, rows } = await sql.execute(
    session,
    `EXPLAIN ANALYZE ${COUNT} SELECT COUNT(*) FROM n a JOIN n b ON a.i = b.i`,
  );
  const cell = (id: string, column: string) =>
    rows.find(([name]) => String(name).startsWith(id))?.[columns.indexOf(column)];
  expect(cell('CTE_0', 'actRows')).toBe('40');
  expect(cell('CTE_0', 'memory')).toMatch(/KB$/);
  expect(cell('├─Projection', 'actRows')).toBe('1');
  expect(cell('└─Projection', 'actRows')).toBe('39');
});

test('a recursion without end is ended by KILL', async () => {
  const sql = new SimulatedSql();
  const session = await sql.connect();
  const other = await sql.connect();
  await sql.execute(session, 'SET cte_max_recursion_depth = 4294967295');
  const [id] = (await sql.execute(session, 'SELECT CONNECTION_ID()')).rows[0] ?? [];
  const endless = session.execute(
    'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i * -1 FROM n) SELECT * FROM n',
  );
  const ended = endless.catch((error: unknown) => error);
  expect(await sql.settle(ended, 20_000)).toBeUndefined();
  await sql.execute(other, `KILL QUERY ${String(id)}`);
  const error = await sql.settle(ended, 1_000_000);
  expect(error).toBeInstanceOf(SqlError);
  expect(error).toMatchObject({ code: 1317 });
});
