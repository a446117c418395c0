import { describe, expect, test } from 'vitest';
import { SimulatedSql } from '../../../testing/simulated-sql.ts';
import { PROFILE_NAMES, type ProfileName } from '../../profiles.ts';
import type { Session } from '../../session.ts';

const TOO_LARGE =
  'Your query has been cancelled due to exceeding the allowed memory limit for a single SQL ' +
  'query. Please try narrowing your query scope or increase the tidb_mem_quota_query limit and ' +
  'try again.[conn=1]';
const SHORT = 'Out Of Memory Quota![conn_id=1]';
const ERRORS: Readonly<Record<ProfileName, readonly [code: number, message: string]>> = {
  'v5.5.0-nightly': [1105, SHORT],
  'v6.5.0': [1105, SHORT],
  'v8.5.0': [8175, TOO_LARGE],
};
const GROUPED = 'SELECT /*+ HASH_AGG() */ id, COUNT(*) FROM t GROUP BY id';

interface Client {
  readonly sql: SimulatedSql;
  readonly session: Session;
  run(text: string): Promise<readonly (readonly unknown[])[]>;
  /** Code and text of the error that a statement ends with. */
  failure(text: string): Promise<readonly unknown[]>;
}

async function client(profile: ProfileName): Promise<Client> {
  const sql = new SimulatedSql(profile);
  const session = await sql.connect();
  const run = async (text: string) => (await sql.execute(session, text)).rows;
  const failure = async (text: string) => {
    try {
      await sql.execute(session, text);
    } catch (error) {
      const { code, message } = error as { code: number; message: string };
      return [code, message];
    }
    return ['no error'];
  };
  await run('CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(100))');
  const rows = Array.from({ length: 500 }, (_, i) => `(${i}, '${'x'.repeat(50)}')`);
  await run(`INSERT INTO t VALUES ${rows.join()}`);
  sql.logs();
  return { sql, session, run, failure };
}

describe.each(PROFILE_NAMES)('in %s', (profile) => {
  test('a statement over its quota ends with its version’s error, and none else does', async () => {
    const { run, failure, sql } = await client(profile);
    await run('BEGIN');
    await run("UPDATE t SET v = 'new' WHERE id = 1");
    await run('SET tidb_mem_quota_query = 1000');
    expect(await failure(GROUPED)).toEqual(ERRORS[profile]);
    await run('SET tidb_mem_quota_query = 1 << 30');
    expect(await run('SELECT v FROM t WHERE id = 1')).toEqual([['new']]);
    await run('COMMIT');
    expect(await run('SELECT v FROM t WHERE id = 1')).toEqual([['new']]);
    expect((await run(GROUPED)).length).toBe(500);
    expect(sql.memory.counts).toMatchObject({ cancel: expect.any(Number) });
  });

  test('a failure is told of once, with the connection and what the statement held', async () => {
    const { run, failure, sql } = await client(profile);
    await run('SET tidb_mem_quota_query = 1000');
    sql.logs();
    await failure(GROUPED);
    const lines = sql.logs();
    const message = profile === 'v5.5.0-nightly' ? '[expensive_query]' : '["memory exceeds quota"]';
    const conn = profile === 'v8.5.0' ? '[conn=1]' : '[conn_id=1]';
    const told = lines.filter((line) => line.includes(message));
    expect(told).toEqual([
      expect.stringMatching(/ \[cost_time=[\d.]+s\] .*\[mem_max="\d+ Bytes( \([\d.]+ KB\))"\] /),
    ]);
    expect(told[0]).toContain(`${conn} [user=root] [database=test] [table_ids="[`);
    expect(told[0]).toContain(`[sql="${GROUPED}"]`);
    const failed = lines.filter((line) => line.includes('command dispatched failed'));
    expect(failed).toEqual([expect.stringContaining('[command=Query]')]);
    expect(failed[0]).toContain('[status="inTxn:0, autocommit:1"]');
  });

  test('the hint has the last word', async () => {
    const { run, failure } = await client(profile);
    await run('SET tidb_mem_quota_query = 1000');
    const hinted = GROUPED.replace('HASH_AGG()', 'HASH_AGG() MEMORY_QUOTA(1 GB)');
    expect((await run(hinted)).length).toBe(500);
    expect((await failure(GROUPED))[0]).toBe(ERRORS[profile][0]);
  });

  test('a transaction that buffers more than its session may hold cannot go on', async () => {
    const { run, failure } = await client(profile);
    await run('BEGIN');
    await run('SET tidb_mem_quota_query = 20000');
    const rows = Array.from({ length: 300 }, (_, i) => `(${1000 + i}, '${'y'.repeat(90)}')`);
    const insert = `INSERT INTO t VALUES ${rows.join()}`;
    if (profile === 'v5.5.0-nightly') await run(insert);
    else expect((await failure(insert))[0]).toBe(ERRORS[profile][0]);
    await run('COMMIT');
    await run('SET tidb_mem_quota_query = 1 << 30');
    const kept = profile === 'v5.5.0-nightly' ? 800 : 500;
    expect(await run('SELECT COUNT(*) FROM t')).toEqual([[kept]]);
  });
});

test('with the action LOG a statement is told of once and goes on', async () => {
  const { run, sql } = await client('v8.5.0');
  await run("SET GLOBAL tidb_mem_oom_action = 'LOG'");
  await run('SET tidb_mem_quota_query = 1000');
  sql.logs();
  expect((await run(GROUPED)).length).toBe(500);
  expect(sql.logs().filter((line) => line.includes('["memory exceeds quota"]'))).toHaveLength(1);
  expect(sql.memory.counts).toMatchObject({ log: 1 });
});

test('in v8.5 the session is killed and recovers', async () => {
  const { run, failure, sql } = await client('v8.5.0');
  await run('SET tidb_mem_quota_query = 1000');
  sql.logs();
  await failure(GROUPED);
  const lines = sql.logs().filter((line) => line.includes('[sqlkiller.go]'));
  expect(lines).toEqual([
    expect.stringContaining('["kill initiated"] ["connection ID"=1] [reason="[executor:8175]Your'),
    expect.stringContaining('["kill finished"] [conn=1]'),
  ]);
});

test('the worst statement is remembered with who held what', async () => {
  const { run, failure, sql } = await client('v8.5.0');
  await run('SET tidb_mem_quota_query = 1000');
  await failure(GROUPED);
  const { worst, quota } = sql.memory;
  expect(worst).toMatchObject({ sql: GROUPED, quota: 1000, errorCode: 8175 });
  expect(worst?.maxConsumed).toBeGreaterThan(1000);
  expect(worst?.peak?.children.length).toBeGreaterThan(0);
  expect(quota).toBe(2 ** 30);
});
