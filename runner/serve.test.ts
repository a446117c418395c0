import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installPackage } from '../testing/system-package.ts';
import { HURRY_US } from './live-clock.ts';
import { liveWorld, type ServeOptions, type Serving, serve } from './serve.ts';
import { UsageError } from './usage-error.ts';

const OPTIONS: ServeOptions = {
  world: () =>
    liveWorld({
      ...{ seed: '1', tidb: 2, tikv: 3, pd: 1, profile: 'v8.5.0', scaleDenominator: 1, bugs: [] },
    }),
  ...{ port: 0, host: '127.0.0.1', hurryUs: HURRY_US },
  account: { user: 'root', password: 'secret', plugin: 'caching_sha2_password' },
  log: () => {},
};

let serving: Serving;
let db: Connection;
beforeAll(async () => {
  serving = await serve(OPTIONS);
  db = await connect();
});
afterAll(async () => {
  db.destroy();
  await serving.stop();
});

/** Exact values: integers beyond 2^53 and decimals as text. */
async function connect(more: object = {}): Promise<Connection> {
  return createConnection({
    ...{ host: '127.0.0.1', port: serving.port, user: 'root', password: 'secret' },
    ...{ supportBigNumbers: true, multipleStatements: true, dateStrings: true },
    ...more,
  });
}

async function rows(sql: string, params?: unknown[]): Promise<unknown> {
  const options = { sql, rowsAsArray: true };
  const [found] =
    params === undefined
      ? await db.query(options)
      : await db.execute({ ...options, values: params as string[] });
  return found;
}

describe('mysql2, over TCP', () => {
  test('gets every type exactly, as text and as binary, NULL too', async () => {
    await db.query(`CREATE TABLE typed (
      id INT PRIMARY KEY, ti TINYINT, su SMALLINT UNSIGNED, mi MEDIUMINT, bi BIGINT,
      ub BIGINT UNSIGNED, f FLOAT, d DOUBLE, de DECIMAL(20,4), vc VARCHAR(40), tx TEXT,
      bl BLOB, da DATE, dt DATETIME(3), ts TIMESTAMP, tm TIME(2), y YEAR)`);
    const blob = Buffer.from([0, 1, 127, 128, 255]);
    const values = [
      ...[1, -128, 65_535, -8_388_608, '-9223372036854775808', '18446744073709551615', 1.5],
      ...[-2.25e300, '-1234567890123456.7891', 'é € 🌊', 'x'.repeat(300), blob],
      ...['2024-02-29', '2024-02-29 23:59:58.123', '2024-02-29 01:02:03', '-12:34:56.78', 2024],
    ];
    const marks = values.map(() => '?').join();
    await db.execute(`INSERT INTO typed VALUES (${marks})`, values);
    await db.query('INSERT INTO typed (id) VALUES (2)');
    const expected = [values, [2, ...new Array(values.length - 1).fill(null)]];
    expect(await rows('SELECT * FROM typed ORDER BY id')).toEqual(expected);
    expect(await rows('SELECT * FROM typed ORDER BY id', [])).toEqual(expected);
  });

  test('is told the types, signs and lengths of columns', async () => {
    const [, fields] = await db.query('SELECT ub, de, vc, bl FROM typed');
    const told = fields.map(({ name, columnType, flags, characterSet }) => [
      ...[name, columnType, Number(flags) & 32, characterSet],
    ]);
    expect(told).toEqual([
      ['ub', 8, 32, 63],
      ['de', 0xf6, 0, 63],
      ['vc', 0xfd, 0, 46],
      ['bl', 0xfc, 0, 63],
    ]);
  });

  test('prepares once and executes often, with parameters of any type', async () => {
    const statement = await db.prepare('SELECT ?, ? IS NULL, ? + 1');
    const run = async (values: unknown[]) => (await statement.execute(values))[0];
    expect(await run(['a', null, 1])).toHaveLength(1);
    expect(Object.values((await run(['ü', 'x', '2'])) as object[])).toHaveLength(1);
    await statement.close();
    const wrong = db.execute('SELECT * FROM typed WHERE id = ?', []);
    await expect(wrong).rejects.toMatchObject({ errno: 1835 });
    await expect(db.prepare('SELECT FROM')).rejects.toMatchObject({ errno: 1064 });
    await expect(db.prepare('SELECT 1; SELECT 2')).rejects.toMatchObject({ errno: 8115 });
  });

  test('gets a result for each of several statements, and those before a failure', async () => {
    const [all] = await db.query(
      'CREATE TABLE several (id INT PRIMARY KEY); INSERT INTO several VALUES (1),(2); SELECT * FROM several; SET @a = 5; SELECT @a AS a',
    );
    expect(all).toMatchObject([
      { affectedRows: 0 },
      { affectedRows: 2 },
      [{ id: 1 }, { id: 2 }],
      {},
      [{ a: 5 }],
    ]);
    const failed = db.query('INSERT INTO several VALUES (3); INSERT INTO several VALUES (1)');
    await expect(failed).rejects.toMatchObject({ errno: 1062 });
    expect(await rows('SELECT COUNT(*) FROM several')).toEqual([[3]]);
    const single = await connect({ multipleStatements: false });
    await expect(single.query('SELECT 1; SELECT 2')).rejects.toMatchObject({ errno: 8130 });
    await single.end();
  });

  test.each([
    ['SELEC 1', 1064, '42000'],
    ['SELECT * FROM nowhere', 1146, '42S02'],
    ['SELECT nothing', 1054, '42S22'],
    ['INSERT INTO typed (id) VALUES (1)', 1062, '23000'],
    ['USE nowhere', 1049, '42000'],
  ])('%s is error %i, SQLSTATE %s, and the connection goes on', async (sql, errno, sqlState) => {
    await expect(db.query(sql)).rejects.toMatchObject({ errno, sqlState });
    await db.ping();
  });

  test('sees in the status whether a transaction is open', async () => {
    const status = async (sql: string) =>
      ((await db.query(sql))[0] as unknown as { serverStatus: number }).serverStatus & 3;
    expect([await status('BEGIN'), await status('COMMIT')]).toEqual([3, 2]);
    expect([await status('SET autocommit = 0'), await status('SET autocommit = 1')]).toEqual([
      0, 2,
    ]);
  });

  test('starts anew after a change of user or a reset, refused with a wrong one', async () => {
    const other = await connect();
    await other.query('SET @x = 1; BEGIN');
    await other.changeUser({ user: 'root', password: 'secret', database: 'mysql' });
    expect((await other.query('SELECT @x AS x, DATABASE() AS db'))[0]).toEqual([
      { x: null, db: 'mysql' },
    ]);
    await expect(other.changeUser({ user: 'root', password: 'no' })).rejects.toMatchObject({
      errno: 1045,
    });
    await expect(connect({ password: 'no' })).rejects.toMatchObject({ errno: 1045 });
    await expect(connect({ database: 'no' })).rejects.toMatchObject({ errno: 1049 });
  });

  test('takes a result of 20 MiB, and a row longer than a packet', async () => {
    await db.query('CREATE TABLE big (id INT PRIMARY KEY, t VARCHAR(2048))');
    const text = 'y'.repeat(2048);
    const many = Array.from({ length: 100 }, (_, i) => `(${i}, '${text}')`).join();
    await db.query(`INSERT INTO big VALUES ${many}`);
    const joined = (await rows('SELECT a.t, b.id FROM big a, big b')) as [string, number][];
    expect(joined).toHaveLength(10_000);
    expect(joined.every(([t]) => t === text)).toBe(true);
    const columns = Array.from({ length: 18 }, (_, i) => `REPEAT('z', 1000000) AS c${i}`).join();
    const [row] = (await rows(`SELECT ${columns}`)) as [string[]];
    expect(row.map((value) => value.length)).toEqual(new Array(18).fill(1_000_000));
  });
});

describe('connections', () => {
  test('close with their TiDB node, and new ones go to the nodes that live', async () => {
    const open = [await connect(), await connect()];
    const lost = Promise.race(
      open.map((one) => new Promise<Error>((resolve) => one.on('error', resolve))),
    );
    const [victim] = serving.cluster.nodes().filter(({ kind }) => kind === 'tidb');
    if (victim === undefined) throw new Error('no TiDB node');
    serving.cluster.kill(victim.id);
    expect(await lost).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    const fresh = [await connect(), await connect()];
    for (const one of fresh) await one.query('SELECT 1');
    serving.cluster.restart(victim.id);
    for (const one of [...open, ...fresh]) one.destroy();
    db.destroy();
    db = await connect();
  });

  test('wait for a lock in wall time: nobody is timed out while a person thinks', async () => {
    const [holder, waiter] = [await connect(), await connect()];
    await holder.query(
      'CREATE TABLE held (id INT PRIMARY KEY, v INT); INSERT INTO held VALUES (1, 0)',
    );
    await holder.query('BEGIN; UPDATE held SET v = 1');
    const waiting = waiter.query('UPDATE held SET v = v + 10');
    const early = await Promise.race([
      waiting.then(() => 'answered'),
      new Promise((resolve) => setTimeout(resolve, 400, 'waiting')),
    ]);
    expect(early).toBe('waiting');
    await holder.query('COMMIT');
    await waiting;
    expect((await holder.query('SELECT v FROM held'))[0]).toEqual([{ v: 11 }]);
    await holder.end();
    await waiter.end();
  });

  test('a port that is taken is a usage error that names it', async () => {
    const again = serve({ ...OPTIONS, port: serving.port });
    await expect(again).rejects.toThrow(UsageError);
    await expect(again).rejects.toThrow(`127.0.0.1:${serving.port}: the port is in use`);
  });
});

describe('the mariadb command-line client', () => {
  const { PATH = '' } = process.env;

  function program(): string {
    const found = () =>
      PATH.split(':')
        .map((folder) => `${folder}/mariadb`)
        .find((path) => existsSync(path));
    if (found() === undefined) installPackage('mariadb-client');
    return found() ?? 'mariadb';
  }

  async function mariadb(password: string, sql: string, ...flags: string[]): Promise<string> {
    const where = ['-h', '127.0.0.1', '-P', String(serving.port), '-u', 'root'];
    const all = ['--no-defaults', ...where, `--password=${password}`, ...flags, '-e', sql, 'test'];
    const { stdout } = await promisify(execFile)(program(), all);
    return stdout;
  }

  test('logs in, lists what there is, and prints results', async () => {
    const sql =
      "CREATE TABLE cli (id BIGINT PRIMARY KEY, d DECIMAL(8,2), v VARCHAR(9)); INSERT INTO cli VALUES (9007199254740993, 1.5, 'a'), (2, NULL, 'é'); SHOW TABLES LIKE 'cli'; SELECT * FROM cli ORDER BY id";
    const utf8 = '--default-character-set=utf8mb4';
    expect(await mariadb('secret', sql, utf8)).toBe(
      [
        ...['Tables_in_test', 'cli', 'id\td\tv', '2\tNULL\té', '9007199254740993\t1.50\ta', ''],
      ].join('\n'),
    );
  });

  test('completes names and tells its status', async () => {
    const status = await mariadb('secret', 'status', '--auto-rehash');
    expect(status).toMatch(/Server version:\s+5\.7\.25-TiDB-v8\.5\.0/);
    expect(status).toMatch(/Uptime:/);
  });

  test('prints error and SQLSTATE, and is turned away with a wrong password', async () => {
    await expect(mariadb('secret', 'SELECT bad')).rejects.toThrow(/ERROR 1054 \(42S22\) at line 1/);
    await expect(mariadb('wrong', 'SELECT 1')).rejects.toThrow(/ERROR 1045 \(28000\)/);
  });
});
