import { expect, test } from 'vitest';
import { SimulatedSql } from '../../../testing/simulated-sql.ts';
import { SqlError } from '../../errors.ts';
import type { ProfileName } from '../../profiles.ts';
import type { Session } from '../../session.ts';

interface World {
  readonly sql: SimulatedSql;
  readonly session: Session;
  readonly other: Session;
}

async function world(profile?: ProfileName): Promise<World> {
  const sql = new SimulatedSql(profile);
  const session = await sql.connect();
  await sql.execute(session, 'CREATE TABLE t (id INT PRIMARY KEY, v INT)');
  await sql.execute(session, 'INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)');
  return { sql, session, other: await sql.connect() };
}

/** The one row of an answer, or the error's code, and how long it took, virtual seconds. */
async function timed({ sql, session }: World, text: string): Promise<[unknown, number]> {
  const sinceUs = sql.nowUs;
  const answer = await outcome(sql.execute(session, text));
  return [answer, (sql.nowUs - sinceUs) / 1_000_000];
}

async function outcome(answer: Promise<{ readonly rows: readonly unknown[] }>): Promise<unknown> {
  try {
    return (await answer).rows;
  } catch (error) {
    if (error instanceof SqlError) return error.code;
    throw error;
  }
}

async function killedAfterSecond({ sql, session, other }: World, text: string): Promise<unknown> {
  const [id] = (await sql.execute(session, 'SELECT CONNECTION_ID()')).rows[0] ?? [];
  const answer = outcome(session.execute(text));
  await sql.settle(answer, 1_000_000);
  await sql.execute(other, `KILL QUERY ${String(id)}`);
  return sql.settle(answer, 1_000_000);
}

test('SLEEP takes its time for every row that comes to it, and nothing else', async () => {
  const here = await world();
  const [rows, seconds] = await timed(here, 'SELECT id, IF(id > 1, SLEEP(0.5), -1) FROM t');
  expect(rows).toEqual([
    [1, -1],
    [2, 0],
    [3, 0],
  ]);
  expect(seconds).toBeGreaterThan(1);
  expect(seconds).toBeLessThan(1.1);
  const [changed, slept] = await timed(here, 'UPDATE t SET v = SLEEP(2) WHERE id = 1');
  expect(changed).toEqual([]);
  expect(slept).toBeGreaterThan(2);
});

test('SLEEP in a condition is reached as often as the condition', async () => {
  const [rows, seconds] = await timed(
    await world(),
    'SELECT id FROM t WHERE v > 2 AND SLEEP(1) = 0',
  );
  expect(rows).toEqual([[3]]);
  expect(seconds).toBeLessThan(1.2);
});

test.each(['NULL', '-1'])('SLEEP(%s) is an error', async (seconds) => {
  expect((await timed(await world(), `SELECT SLEEP(${seconds})`))[0]).toBe(1210);
});

test.each(['v6.5.0', 'v8.5.0'] as const)(
  'KILL QUERY makes SLEEP answer 1 in %s',
  async (profile) => {
    expect(await killedAfterSecond(await world(profile), 'SELECT SLEEP(100)')).toEqual([[1]]);
  },
);

test.each([
  ['v6.5.0', [[1], [1], [1]]],
  ['v8.5.0', 1317],
] as const)('a killed statement that reads tables ends in %s with %j', async (profile, end) => {
  expect(await killedAfterSecond(await world(profile), 'SELECT SLEEP(100) FROM t')).toEqual(end);
});

test.each([
  ['v6.5.0', [[1], [1], [1]]],
  ['v8.5.0', 3024],
] as const)('max_execution_time ends it in %s with %j', async (profile, end) => {
  const here = await world(profile);
  await here.sql.execute(here.session, 'SET max_execution_time = 300');
  const [answer, seconds] = await timed(here, 'SELECT SLEEP(100) FROM t');
  expect(answer).toEqual(end);
  expect(seconds).toBeLessThan(0.5);
  const hinted = 'SELECT /*+ MAX_EXECUTION_TIME(2000) */ SLEEP(1) FROM t WHERE id = 1';
  expect((await timed(here, hinted))[0]).toEqual([[0]]);
});

test('max_execution_time is of no concern to statements that change or lock rows', async () => {
  const here = await world();
  await here.sql.execute(here.session, 'SET max_execution_time = 100');
  expect((await timed(here, 'UPDATE t SET v = SLEEP(1) WHERE id = 1'))[0]).toEqual([]);
  expect((await timed(here, 'SELECT SLEEP(1) FROM t WHERE id = 1 FOR UPDATE'))[0]).toEqual([[0]]);
});
